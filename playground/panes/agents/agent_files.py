"""Agents and maps that come from files: dropped on the window, or chosen in a dialog."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData

    from playground.experiments.bundled_agents import AgentFile
    from playground.panes.agents.pane import AgentsPane

AGENT, MAP = ".npz", ".json"
AGENT_FILES = "Agents (*.npz)"


class AgentFiles:
    """Opens agents onto the skill slider and maps into the editor."""

    def __init__(self, pane: AgentsPane) -> None:
        self._pane = pane

    def accepts(self, mime: QMimeData) -> bool:
        """Tell whether an agent is dragged, or a map where there is a car."""
        path = _local_file(mime)
        if path is None:
            return False
        return path.suffix == AGENT or (path.suffix == MAP and "draw" in self._pane.deck.keys)

    def take(self, mime: QMimeData) -> bool:
        """Open what was dropped; tell whether it was of use."""
        path = _local_file(mime)
        if path is None or not self.accepts(mime):
            return False
        if path.suffix == MAP:
            self._pane.show_view("draw")
            self._pane.editor.open_map(path)
        else:
            self.open_agent(path)
        return True

    def ask(self) -> None:
        """Ask for the file of an agent and open it."""
        name, _ = QFileDialog.getOpenFileName(self._pane, "Open an agent", "", AGENT_FILES)
        if name:
            self.open_agent(Path(name))

    def open_agent(self, path: Path) -> None:
        """Put the policies of a file on the skill slider and let the last one fly."""
        key = str(path)

        def found(agent: AgentFile) -> None:
            skill = self._pane.skill
            skill.add_source(key, path.stem)
            skill.show_file(key, agent)
            self._pane.show_view("skill")
            skill.go_to(len(skill.notches) - 1)

        self._pane.desk.bundled(key, found)


def _local_file(mime: QMimeData) -> Path | None:
    urls = mime.urls() if mime.hasUrls() else []
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    return Path(urls[0].toLocalFile())
