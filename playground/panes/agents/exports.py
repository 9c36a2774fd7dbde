"""Everything that leaves the pane as a file: pictures, numbers and the agent itself."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from playground.core.atomic_files import write_atomically
from playground.experiments.agents_snapshot import SERIES_EPISODE, SERIES_UPDATE, AgentSnapshot
from playground.ui.saving import PNG_SCALE, ask_and_save, widget_picture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray
    from PySide6.QtWidgets import QMenu

    from playground.engine.frames import Frame
    from playground.panes.agents.films import Film
    from playground.panes.agents.pane import AgentsPane
    from playground.ui.plots import Plot

PICTURES = "PNG (*.png);;SVG (*.svg)"
TABLES = "CSV (*.csv)"
AGENTS = "Agents (*.npz)"
SCRIPTS = "Python (*.py)"


class Exports:
    """Asks for file names and writes what is on screen."""

    def __init__(self, pane: AgentsPane) -> None:
        self._pane = pane

    def fill(self, menu: QMenu) -> None:
        """Add one entry for everything that can be saved now."""
        film = self._pane.playback.film is not None
        run = self._pane.channel.last_frame is not None
        seeds = bool(self._pane.seeds.kept)
        entries: tuple[tuple[str, str, str, Callable[[Path], object], bool], ...] = (
            ("Scene as picture…", "scene.png", PICTURES, self.save_scene, film),
            ("Episode as CSV…", "episode.csv", TABLES, self.save_episode, film),
            ("Curves as picture…", "curves.png", PICTURES, self.save_curves, run),
            ("Map of values as picture…", "map.png", PICTURES, self.save_map, run),
            ("Several seeds as picture…", "seeds.png", PICTURES, self.save_seeds_picture, seeds),
            ("Several seeds as CSV…", "seeds.csv", TABLES, self.save_seeds, seeds),
            ("Training episodes as CSV…", "episodes.csv", TABLES, self.save_episodes, run),
            ("Updates as CSV…", "updates.csv", TABLES, self.save_updates, run),
            ("Agent with its skill slider…", "agent.npz", AGENTS, self.save_agent, run),
            ("As PyTorch script…", "agent.py", SCRIPTS, self.save_script, run),
        )
        for words, name, kinds, save, there in entries:
            self._add(menu, words, name, kinds, save, there)

    def save_scene(self, path: Path) -> None:
        """Write the frame on screen as PNG, or as SVG where the name ends in ``.svg``."""
        write_atomically(path, widget_picture(self._pane.scene.canvas, path, "Agents"))

    def save_curves(self, path: Path) -> None:
        """Write the curves as a picture."""
        _save_plot(self._pane.curves.plot, path)

    def save_seeds_picture(self, path: Path) -> None:
        """Write the bands of several seeds as a picture."""
        _save_plot(self._pane.seeds.plot, path)

    def save_map(self, path: Path) -> None:
        """Write the map of values as a picture."""
        _save_plot(self._pane.value_map.plot, path)

    def save_episode(self, path: Path) -> None:
        """Write one row a step of the film: observation, action, reward, what was thought."""
        film = self._pane.playback.film
        if film is None:
            raise ValueError("There is no episode to save yet.")
        write_atomically(path, episode_csv(film))

    def save_seeds(self, path: Path) -> None:
        """Write every training episode of every seed that was trained for comparison."""
        text = self._pane.seeds.csv()
        if not text:
            raise ValueError("No seeds have been compared yet.")
        write_atomically(path, text)

    def save_script(self, path: Path) -> None:
        """Write a program that repeats the run with torch and gymnasium."""
        from playground.experiments.agents_script import as_torch_script

        frame = self._frame()
        if not isinstance(frame.snapshot, AgentSnapshot):
            raise ValueError("There is no run to save yet.")
        write_atomically(path, as_torch_script(frame.snapshot.spec, frame.seed))

    def save_episodes(self, path: Path) -> None:
        """Write return, length and end of every training episode."""
        write_atomically(path, self._frame().history.to_csv(SERIES_EPISODE))

    def save_updates(self, path: Path) -> None:
        """Write losses and rates."""
        write_atomically(path, self._frame().history.to_csv(SERIES_UPDATE))

    def save_agent(self, path: Path) -> None:
        """Write the policies of the skill slider, to be scored or opened again."""
        from playground.experiments.bundled_agents import AgentCheckpoint, write_agent

        frame = self._frame()
        snapshot = frame.snapshot
        if not isinstance(snapshot, AgentSnapshot) or not snapshot.skills:
            raise ValueError("There is no policy to save yet.")
        steps = [AgentCheckpoint(skill.env_step, skill.policy) for skill in snapshot.skills]
        if snapshot.policy is not None and snapshot.env_steps > steps[-1].env_step:
            steps.append(AgentCheckpoint(snapshot.env_steps, snapshot.policy))
        write_agent(path, snapshot.spec, frame.seed, steps)

    def _add(
        self,
        menu: QMenu,
        words: str,
        name: str,
        kinds: str,
        save: Callable[[Path], object],
        there: bool,
    ) -> None:
        action = menu.addAction(words)
        action.setEnabled(there)
        action.triggered.connect(lambda: self._ask(name, kinds, save))

    def _ask(self, name: str, kinds: str, save: Callable[[Path], object]) -> None:
        ask_and_save(self._pane, name, kinds, save, self._pane.context.report)

    def _frame(self) -> Frame:
        frame = self._pane.channel.last_frame
        if frame is None:
            raise ValueError("There is no run to save yet.")
        return frame


def _save_plot(plot: Plot, path: Path) -> None:
    """Write a plot as PNG, or as SVG where the name ends in ``.svg``."""
    if path.suffix.lower() == ".svg":
        plot.export_svg(path)
    else:
        plot.export_png(path, PNG_SCALE)


def episode_csv(film: Film) -> str:
    """Return one row a step; columns of what was thought are left out where nobody did."""
    episode, judged = film.episode, film.judgement
    names = [quantity.name for quantity in episode.options.quantities]
    header = ["step", *names, "action", "reward"]
    columns: list[NDArray[Any]] = [
        episode.observations[:-1],
        episode.actions[:, None],
        episode.rewards[:, None],
    ]
    if judged is not None:
        header.append("return to come")
        columns.append(judged.returns_to_come[:, None])
        if judged.values is not None:
            header.append("value")
            columns.append(judged.values[:-1, None])
        if judged.td_errors is not None:
            header.append("td error")
            columns.append(judged.td_errors[:, None])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    lists = [part.tolist() for part in columns]
    for step, parts in enumerate(zip(*lists, strict=True)):
        writer.writerow((step, *(value for part in parts for value in part)))
    return text.getvalue()
