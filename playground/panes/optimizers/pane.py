"""The pane: the map at the left, standings and views in cards beside it, the inspector."""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from playground.core.formulas import FormulaError
from playground.core.surfaces.surface import SurfaceError
from playground.experiments.base import Progress
from playground.experiments.optimizers_snapshot import OptimizerRaceSnapshot, Standing
from playground.experiments.optimizers_spec import OptimizerRaceSpec, new_lane, with_start
from playground.experiments.optimizers_surface_spec import build_surface
from playground.experiments.optimizers_torch import StepTimesJob
from playground.experiments.spec import SpecError
from playground.panes.base import Pane, Tone
from playground.panes.optimizers.commands import PaneCommands
from playground.panes.optimizers.curves import RaceCurves
from playground.panes.optimizers.exports import Exports
from playground.panes.optimizers.hover import HoverStrip
from playground.panes.optimizers.inspector import RaceInspector
from playground.panes.optimizers.laboratories import LaboratoriesCard
from playground.panes.optimizers.leaderboard import LeaderboardView
from playground.panes.optimizers.map_bar import MapBar
from playground.panes.optimizers.map_view import MapView
from playground.panes.optimizers.memory_table import MemoryTable
from playground.panes.optimizers.presets import default_spec, race_presets
from playground.panes.optimizers.step_card import StepCard
from playground.panes.optimizers.surface3d import SurfaceView3D
from playground.ui.card_column import CardColumn, CardView
from playground.ui.theme import px, theme
from playground.ui.turns import CALM_ROUND, Turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QShowEvent
    from PySide6.QtWidgets import QMenu

    from playground.engine.frames import Frame
    from playground.experiments.optimizers_methods import Method
    from playground.panes.base import PaneContext, Preset
    from playground.ui.actions import ActionSpec

MAP_SHARE, COLUMN_SHARE = 620, 400
CARD_HEIGHTS = (430, 1000)


class RaceView(Protocol):
    """A card that shows the race by itself."""

    def render_frame(self, frame: Frame) -> None:
        """Draw a frame."""

    def render_slow(self, frame: Frame) -> None:
        """Refresh texts."""

    def set_selected(self, lane: int, /) -> None:
        """Show another lane."""


class OptimizerRacePane(Pane):
    """Optimizers racing down a surface, and everything that tells them apart."""

    def __init__(self, context: PaneContext) -> None:
        super().__init__(context)
        self._selected = 0
        self._presets: Mapping[str, Preset] | None = None
        self._solid_shown = False
        self._times: dict[str, float] = {}
        self._asked: set[str] = set()
        self._turns = Turns(CALM_ROUND)
        self._board_is_fresh = False
        self.map = MapView()
        self.bar = MapBar(self.map, solid=True)
        self.solid: SurfaceView3D | None = None
        self.strip = HoverStrip(self.map)
        self.leaderboard = LeaderboardView()
        self.curves = RaceCurves()
        self.card = StepCard()
        self.memory = MemoryTable()
        self.laboratories = LaboratoriesCard(self.channel)
        self.column = CardColumn(
            (
                (CardView("leaderboard", "Leaderboard", self.leaderboard),),
                (
                    CardView("curves", "Curves", self.curves),
                    CardView("step", "Step", self.card),
                ),
                (
                    CardView("laboratories", "Labs", self.laboratories),
                    CardView("memory", "Memory", self.memory),
                ),
            ),
            heights=CARD_HEIGHTS,
            merge="last",
            natural="first",
            least_width=272,
        )
        self._others: dict[str, RaceView] = {
            "step": self.card,
            "laboratories": self.laboratories,
            "memory": self.memory,
        }
        self.race_inspector = RaceInspector(self.channel)
        self.exports = Exports(self)
        self._commands = PaneCommands(self)
        self._lay_out()
        self._connect()

    def selected_lane(self) -> int:
        """Return the place in the spec of the lane that is loud."""
        return self._selected

    @property
    def solid_shown(self) -> bool:
        """Whether the surface is shown as a landscape."""
        return self._solid_shown

    def default_spec(self) -> OptimizerRaceSpec:
        """Return the nine methods of the course on Beale's function."""
        return default_spec()

    def presets(self) -> Mapping[str, Preset]:
        """Return the named set-ups of lessons and menu."""
        if self._presets is None:
            self._presets = race_presets()
        return self._presets

    def show_view(self, name: str) -> bool:
        """Bring a card, a laboratory, or one of the two views of the surface to the front."""
        if name in ("map", "3d"):
            self.show_solid(name == "3d")
            return True
        if self.laboratories.show_laboratory(name):
            name = "laboratories"
        return self.column.show_view(name)

    def show_solid(self, solid: bool) -> None:
        """Show the surface as a landscape, or from above."""
        if solid:
            self._landscape()
        self._solid_shown = solid
        self._views.setCurrentIndex(1 if solid else 0)
        self.strip.setVisible(not solid)
        self.bar.show_stage("3d" if solid else "map")
        self.render_again()

    def inspector(self) -> QWidget:
        """Return the form, the lanes and the numbers of the selected one."""
        return self.race_inspector

    def pane_actions(self) -> tuple[ActionSpec, ...]:
        """Return the commands of the pane's menu."""
        return self._commands.all()

    def export_menu(self, menu: QMenu) -> None:
        """Add pictures, trails and the script."""
        self.exports.fill(menu)

    def render_frame(self, frame: Frame) -> None:
        """Draw a frame; cards that are not in front cost nothing."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, OptimizerRaceSnapshot):
            return
        self.strip.ready = True
        self._match_selection(snapshot)
        if self._solid_shown:
            self._landscape().render_frame(frame)
        else:
            self.map.render_race(frame, snapshot, self._selected)

    @override
    def render_beside(self, frame: Frame) -> None:
        snapshot = frame.snapshot
        if not isinstance(snapshot, OptimizerRaceSnapshot):
            return
        self._turns.set_round(max(CALM_ROUND, len(snapshot.lanes)))
        self._turns.begin(pouring=frame.transport.pours)
        shown = self.column.shown()
        # The map is what one watches; beside a race at speed the curves move five times a second.
        if "curves" in shown and self._turns.allows(0):
            self.curves.render_race(frame, snapshot, self._selected)
        for key, view in self._others.items():
            if key in shown:
                view.render_frame(frame)

    def render_slow(self, frame: Frame) -> None:
        """Refresh what is read rather than watched."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, OptimizerRaceSnapshot):
            return
        self._turns.note_words()
        self.race_inspector.show_race(snapshot)
        self.bar.picker.show_kind(snapshot.spec.surface.kind)
        self.bar.refresh()
        shown = self.column.shown()
        # Nobody reads some fifty numbers four times a second.
        self._board_is_fresh = frame.transport.pours and not self._board_is_fresh
        if "leaderboard" in shown and (self._board_is_fresh or not frame.transport.pours):
            self.leaderboard.show_race(snapshot, self._selected)
        for key, view in self._others.items():
            if key in shown:
                view.render_slow(frame)
        self.strip.refresh()
        self._measure(snapshot)

    def views(self) -> frozenset[str]:
        """Return which costly parts of the snapshot are on screen."""
        return self.card.views() if "step" in self.column.shown() else frozenset()

    def verdict(self, frame: Frame) -> tuple[Tone, str]:
        """Return how the race stands, in plain words."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, OptimizerRaceSnapshot):
            return super().verdict(frame)
        if snapshot.status.progress is not Progress.RUNNING:
            return super().verdict(frame)
        if snapshot.step == 0:
            return "info", f"{_title(snapshot)}: press Space to start the race, or drag the start."
        return "info", race_words(snapshot)

    def select(self, index: int) -> None:
        """Make another lane the loud one."""
        if index == self._selected:
            return
        self._selected = index
        self.race_inspector.editor.select(index)
        self._tell_selected()
        self.render_again()
        self.views_changed.emit()

    def save_state(self) -> dict[str, Any]:
        """Return splitter, cards, what the map shows and the axes of the curves."""
        return {
            "splitter": self._splitter.sizes(),
            "cards": self.column.save_state(),
            "map": self.map.options.to_json(),
            "curves": self.curves.save_state(),
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take up a layout; anything unknown or of a wrong type is left out."""
        if not isinstance(state, dict):
            return
        sizes = state.get("splitter")
        if (
            isinstance(sizes, list)
            and len(sizes) == 2
            and all(isinstance(size, int) and 0 <= size < 100_000 for size in sizes)
            and sum(sizes) > 0
        ):
            self._splitter.setSizes(sizes)
        self.column.restore_state(state.get("cards"))
        self.map.options.take(state.get("map"))
        self.curves.restore_state(state.get("curves"))
        self.bar.refresh()
        self.map.layer.update()
        self.views_changed.emit()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # The surface needs no torch: it is there while that is still being imported.
        QTimer.singleShot(0, self, self._preview)

    def _lay_out(self) -> None:
        left = QWidget()
        self._left = QVBoxLayout(left)
        self._left.setContentsMargins(0, 0, 0, 0)
        self._left.addWidget(self.bar)
        self._views = QStackedWidget()
        self._views.addWidget(self.map)
        self._left.addWidget(self._views, 1)
        self._left.addWidget(self.strip)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.addWidget(left)
        self._splitter.addWidget(self.column)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 2)
        self._splitter.setSizes([MAP_SHARE, COLUMN_SHARE])
        self._splitter.setCollapsible(0, False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._splitter)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def _connect(self) -> None:
        self.map.start_placed.connect(self._on_start_placed)
        self.map.lane_chosen.connect(self.select)
        self.leaderboard.chosen.connect(self.select)
        self.race_inspector.editor.selected_changed.connect(self.select)
        self.bar.picker.picked.connect(self._on_surface_picked)
        self.bar.stage_chosen.connect(self.show_view)
        self.laboratories.network_changed.connect(self.memory.set_network)
        self.column.shown_changed.connect(self._on_cards_changed)

    def _landscape(self) -> SurfaceView3D:
        """Return the view in three dimensions; OpenGL is not asked for before somebody wants it."""
        if self.solid is None:
            self.solid = SurfaceView3D()
            self._views.addWidget(self.solid)
            self.solid.lane_picked.connect(self.select)
            self.solid.set_selected(self._selected)
        return self.solid

    def _tell_selected(self) -> None:
        for view in self._others.values():
            view.set_selected(self._selected)
        if self.solid is not None:
            self.solid.set_selected(self._selected)

    def _preview(self) -> None:
        spec = self.channel.spec or self.default_spec()
        if self.channel.last_frame is not None or not isinstance(spec, OptimizerRaceSpec):
            return
        try:
            self.map.preview(spec.surface, build_surface(spec.surface))
        except (SurfaceError, FormulaError):
            # The run itself will say what is wrong with it.
            return
        self.bar.picker.show_kind(spec.surface.kind)
        self.bar.refresh()
        self.race_inspector.show_spec(spec)

    def _match_selection(self, snapshot: OptimizerRaceSnapshot) -> None:
        """Move the selection to a lane that is there."""
        spec = self.channel.spec
        count = len(snapshot.spec.lanes)
        if isinstance(spec, OptimizerRaceSpec):
            count = max(count, len(spec.lanes))
        if self._selected >= count:
            self._selected = 0
            self.race_inspector.editor.select(0)
            self._tell_selected()
            self.views_changed.emit()

    def _measure(self, snapshot: OptimizerRaceSnapshot) -> None:
        """Have the time of a step measured for methods that are new here."""
        fresh = [v.method for v in snapshot.lanes if v.method not in self._asked]
        if fresh:
            methods = tuple(dict.fromkeys(fresh))
            self._asked.update(methods)
            self.channel.start_job(
                StepTimesJob([new_lane(method) for method in methods], 2, time.perf_counter),
                on_done=functools.partial(self._on_times, methods),
                on_failed=_ignore,
            )

    def _on_times(self, methods: tuple[Method, ...], seconds: tuple[float, ...]) -> None:
        self._times.update(zip(methods, seconds, strict=True))
        self.leaderboard.table.set_times(self._times)
        self.curves.set_times(self._times)

    def _on_start_placed(self, x: float, y: float, own: bool, gesture: int) -> None:
        spec = self.channel.spec
        if not isinstance(spec, OptimizerRaceSpec):
            return
        lane = self._selected if own else None
        try:
            changed = with_start(spec, x, y, lane)
        except SpecError as error:
            self.channel.problem.emit(str(error), "")
            return
        words = "move the start" if lane is None else f"move the start of {spec.lanes[lane].title}"
        self.race_inspector.open_race(changed, words, gesture)

    def _on_surface_picked(self, kind: str) -> None:
        self.channel.edit_value(("surface", "kind"), kind)

    def _on_cards_changed(self) -> None:
        self.render_again()
        self.views_changed.emit()

    def _on_theme_changed(self) -> None:
        self._left.setSpacing(px(6))
        self._splitter.setHandleWidth(px(12))


def race_words(snapshot: OptimizerRaceSnapshot) -> str:
    """Return who leads, and how many lanes do what."""
    leader = snapshot.lane(snapshot.leaderboard[0])
    words = f"{leader.title} leads" if leader is not None else ""
    if leader is not None and leader.finished_round is not None:
        words = f"{leader.title} was first, after {leader.finished_round:,} rounds"
    counts = dict.fromkeys(Standing, 0)
    for view in snapshot.lanes:
        counts[view.standing] += 1
    parts = [
        f"{count} {standing.value}"
        for standing, count in counts.items()
        if count and (standing is not Standing.RUNNING or len(snapshot.lanes) > 1)
    ]
    return f"{_title(snapshot)}, round {snapshot.step:,}: {words}. {', '.join(parts).capitalize()}."


def _title(snapshot: OptimizerRaceSnapshot) -> str:
    title = snapshot.surface.title
    return title[:1].upper() + title[1:]


def _ignore(_: str) -> None:
    """Leave the column of times empty: nothing else depends on them."""
