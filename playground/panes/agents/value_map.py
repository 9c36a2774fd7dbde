"""A map of what the agent thinks of every place, all other numbers as they are in the film."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from playground.environments.headlight_car import HeadlightCarOptions, HeadlightScene
from playground.panes.agents.key_dots import KeyDots
from playground.ui.choice_box import ChoiceBox
from playground.ui.number_text import format_number
from playground.ui.plots import Bounds, Plot, ScalarImage
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from playground.environments.vector import Quantity
    from playground.experiments.agents_studies import ValueMap
    from playground.panes.agents.films import Film
    from playground.panes.agents.playback import Playback
    from playground.ui.channel import ChannelClient
    from playground.ui.job_handle import JobHandle

VALUE, ACTION = "value", "action"
KINDS = (
    (VALUE, "value", "V(s) or max Q of every place"),
    (ACTION, "action", "What would be done there; pale where it is undecided"),
)
COLUMNS, ROWS = 64, 48
CAR_POINTS = 44
ACTION_LANES = (7, 0, 1, 2, 3, 4, 5, 6)
"""Lanes of the actions: the first one, which does nothing in most worlds, is neutral."""


class ActionImage(pg.ImageItem):
    """(rows, columns) actions in the colours of their lanes, paler where they are undecided."""

    def __init__(self) -> None:
        super().__init__(axisOrder="row-major")
        self.setZValue(-50)
        self.bounds: Bounds | None = None
        self._data: tuple[NDArray[np.int64], NDArray[np.float32]] | None = None

    def set_data(
        self, actions: NDArray[np.int64], certainty: NDArray[np.float32], extent: Bounds
    ) -> None:
        """Show a map."""
        self._data, self.bounds = (actions, certainty), extent
        self.apply_theme()
        self.setRect(QRectF(extent.x0, extent.y0, extent.x1 - extent.x0, extent.y1 - extent.y0))

    def apply_theme(self) -> None:
        """Mix the colours of the theme in force."""
        if self._data is None:
            return
        actions, certainty = self._data
        colours = np.array([_parts(action_lane(k)) for k in range(int(actions.max()) + 1)])
        ground = np.array(_parts("raised"))
        share = 0.2 + 0.8 * np.clip(certainty, 0.0, 1.0)[..., None]
        mixed = share * colours[actions] + (1.0 - share) * ground
        self.setImage(mixed.astype(np.uint8), autoLevels=False, levels=(0, 255))


class ValueMapView(QWidget):
    """The map, drawn anew whenever the film stands elsewhere."""

    def __init__(
        self, channel: ChannelClient, playback: Playback, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._channel, self._playback = channel, playback
        self._job: JobHandle | None = None
        self._asked: tuple[object, ...] = ()
        self._map: ValueMap | None = None
        self._quantities: tuple[Quantity, ...] = ()
        self._scales = (1.0, 1.0)
        self.kind = ChoiceBox("What is drawn", KINDS, value=VALUE, segmented=True)
        self.across = ChoiceBox("Across", (), segmented=False)
        self.up = ChoiceBox("Upwards", (), segmented=False)
        self.plot = Plot("x", "y", grid=False)
        self.plot.set_hold(False)
        self.plot.setMinimumHeight(140)
        self.values = ScalarImage("scalar")
        self.choices = ActionImage()
        self.plot.add(self.values)
        self.plot.add(self.choices)
        self._way = pg.PlotCurveItem()
        self._here = pg.ScatterPlotItem(size=px(12), symbol="o")
        for item, z in ((self._way, 5), (self._here, 6)):
            item.setZValue(z)
            self.plot.item.addItem(item, ignoreBounds=True)
        self.plot.set_read_out(self._read)
        self.key = KeyDots()
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setProperty("role", "muted")
        self._lay_out()
        self.kind.edited.connect(lambda _: self._draw())
        self.across.edited.connect(lambda _: self.ask())
        self.up.edited.connect(lambda _: self.ask())
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def refresh(self) -> None:
        """Ask for a map of the present frame: the view has come to the front."""
        self.ask()

    def render_slow(self) -> None:
        """Follow the film, a few times a second."""
        self.ask()

    def show_kind(self, key: str) -> bool:
        """Draw values or actions; tell whether there is such a map."""
        if key not in (VALUE, ACTION):
            return False
        self.kind.set_value(key)
        self._draw()
        return True

    def ask(self) -> None:
        """Ask for a map unless it is there or under way."""
        film, frame = self._playback.film, self._playback.frame
        if film is None or film.policy is None:
            self.note.setText("Play an episode that an agent has flown to see what it thinks.")
            return
        self._offer_quantities(film.episode.options.quantities, self._is_car(film))
        wanted = (id(film.policy), film.key, frame, self.across.value, self.up.value)
        if wanted == self._asked or (self._job is not None and self._job.running):
            return
        self._asked = wanted
        self._job = self._channel.start_job(
            self._job_for(film, frame), None, self._on_done, self.note.setText
        )
        self._show_way(film, frame)

    def save_state(self) -> dict[str, Any]:
        """Return what is drawn."""
        return {"kind": self.kind.value}

    def restore_state(self, state: object) -> None:
        """Take up what :meth:`save_state` gave; ignores anything else."""
        if isinstance(state, dict):
            self.show_kind(str(state.get("kind")))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.kind)
        row.addStretch(1)
        row.addWidget(self.across)
        row.addWidget(self.up)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(row)
        self._column.addWidget(self.plot, 1)
        self._column.addWidget(self.key)
        self._column.addWidget(self.note)

    @staticmethod
    def _is_car(film: Film) -> bool:
        return isinstance(film.episode.scene, HeadlightScene)

    def _offer_quantities(self, quantities: Sequence[Quantity], car: bool) -> None:
        for box in (self.across, self.up):
            box.setVisible(not car and len(quantities) > 2)
        if tuple(quantities) == self._quantities:
            return
        self._quantities = tuple(quantities)
        self._map = None
        choices = tuple((place, quantity.name) for place, quantity in enumerate(quantities))
        self.across.set_choices(choices)
        self.up.set_choices(choices)
        self.across.set_value(0)
        self.up.set_value(min(1, len(quantities) - 1))

    def _job_for(self, film: Film, frame: int) -> Any:
        from playground.experiments.agents_studies import CarMapJob, ValueMapJob

        policy, scene, options = film.policy, film.episode.scene, film.episode.options
        assert policy is not None
        if isinstance(scene, HeadlightScene) and isinstance(options, HeadlightCarOptions):
            heading = float(scene.headings[frame])
            self._scales = (1.0, 1.0)
            return CarMapJob(policy, options, scene.map, heading, points=CAR_POINTS)
        across, up = int(self.across.value or 0), int(self.up.value or 0)
        if across == up:
            up = (across + 1) % len(self._quantities)
            self.up.set_value(up)
        self._scales = (self._quantities[across].scale, self._quantities[up].scale)
        observation = film.episode.observations[frame]
        return ValueMapJob(
            policy, options, observation, across=across, up=up, columns=COLUMNS, rows=ROWS
        )

    def _on_done(self, found: ValueMap) -> None:
        self._map = found
        self._draw()

    def _draw(self) -> None:
        found = self._map
        if found is None:
            return
        film = self._playback.film
        extent = _extent(found, self._scales)
        with_values = self.kind.value == VALUE and found.values is not None
        self.values.setVisible(with_values)
        self.choices.setVisible(not with_values)
        if with_values and found.values is not None:
            self.values.set_data(found.values, None, extent)
            low, high = float(found.values.min()), float(found.values.max())
            words = f"dark {format_number(low, 3)} … bright {format_number(high, 3)}"
            self.key.set_keys(())
        else:
            self.choices.set_data(found.actions, found.certainty, extent)
            names = film.episode.options.action_names if film is not None else ()
            self.key.set_keys(tuple((name, action_lane(k)) for k, name in enumerate(names)))
            words = "paler: undecided"
            if self.kind.value == VALUE:
                words = "This agent has no critic: its actions are shown."
        # Obstacles of the field are round; the planes of other worlds have no common scale.
        self.plot.box.setAspectLocked(film is not None and self._is_car(film))
        self.plot.set_labels(*self._axis_names(found))
        self.plot.set_range(extent)
        self.note.setText(words)

    def _axis_names(self, found: ValueMap) -> tuple[str, str]:
        units = {quantity.name: quantity.unit for quantity in self._quantities}
        return tuple(
            f"{name} ({units[name]})" if units.get(name) else name
            for name in (found.x_name, found.y_name)
        )  # type: ignore[return-value]

    def _show_way(self, film: Film, frame: int) -> None:
        scene = film.episode.scene
        if isinstance(scene, HeadlightScene):
            way = scene.positions
        else:
            pair = [int(self.across.value or 0), int(self.up.value or 0)]
            way = film.episode.observations[:, pair] * np.array(self._scales)
        past = np.asarray(way[: frame + 1], dtype=np.float64)
        self._way.setData(past[:, 0], past[:, 1])
        self._here.setData(x=past[-1:, 0], y=past[-1:, 1])

    def _read(self, x: float, y: float) -> str:
        found = self._map
        if found is None:
            return ""
        column = int(np.abs(found.x * self._scales[0] - x).argmin())
        row = int(np.abs(found.y * self._scales[1] - y).argmin())
        film = self._playback.film
        names = film.episode.options.action_names if film is not None else ()
        action = int(found.actions[row, column])
        words = names[action] if action < len(names) else str(action)
        if found.values is not None:
            words = f"{format_number(float(found.values[row, column]), 3)}  {words}"
        return words

    def _on_theme_changed(self) -> None:
        manager = theme()
        self._way.setPen(manager.pen("text", 1.6))
        self._here.setPen(manager.pen("bg", 1.5))
        self._here.setBrush(qcolor("bad"))
        self._here.setSize(px(11))
        for box in (self.across, self.up):
            box.setFixedWidth(px(104))
        self._column.setSpacing(px(6))


def action_lane(action: int) -> str:
    """Return the colour token of an action."""
    return f"lane:{ACTION_LANES[action % len(ACTION_LANES)]}"


def _extent(found: ValueMap, scales: tuple[float, float]) -> Bounds:
    x, y = found.x * scales[0], found.y * scales[1]
    dx, dy = 0.5 * (x[1] - x[0]), 0.5 * (y[1] - y[0])
    return Bounds(float(x[0] - dx), float(x[-1] + dx), float(y[0] - dy), float(y[-1] + dy))


def _parts(token: str) -> tuple[float, float, float]:
    colour = qcolor(token)
    return float(colour.red()), float(colour.green()), float(colour.blue())
