"""The pane: an agent learns, and its episodes are played like a film."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from playground.experiments.agents_snapshot import VIEW_POLICY, AgentSnapshot
from playground.experiments.agents_spec import AgentSpec
from playground.experiments.spec import SpecError, field_at, replace_at
from playground.panes.agents.agent_files import AgentFiles
from playground.panes.agents.commands import PaneCommands
from playground.panes.agents.curves import CurvesView
from playground.panes.agents.deck import ViewDeck
from playground.panes.agents.exports import Exports
from playground.panes.agents.flights import FlightDesk
from playground.panes.agents.ghost_flights import GhostFlights
from playground.panes.agents.hand_flight import HandFlight
from playground.panes.agents.inspector import AgentsInspector
from playground.panes.agents.library import LibraryView
from playground.panes.agents.map_editor import MapEditor
from playground.panes.agents.playback import Playback
from playground.panes.agents.presets import agents_presets, default_spec
from playground.panes.agents.programme import Programme
from playground.panes.agents.replay_view import ReplayView
from playground.panes.agents.scene_card import SceneView
from playground.panes.agents.seeds import SeedsView
from playground.panes.agents.skill import SkillView
from playground.panes.agents.stopwatch import Stopwatch
from playground.panes.agents.thinking import ThinkingView
from playground.panes.agents.value_map import ValueMapView
from playground.panes.agents.verdict_words import fitting, verdict_texts
from playground.panes.agents.what_if import WhatIfView
from playground.panes.base import Pane, Tone
from playground.ui.card_column import CardView
from playground.ui.theme import px, theme
from playground.ui.turns import CALM_ROUND, Turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QHideEvent, QShowEvent
    from PySide6.QtWidgets import QMenu

    from playground.engine.frames import Frame
    from playground.environments.headlight_maps import HeadlightMap
    from playground.experiments.spec import Path
    from playground.panes.base import PaneContext, Preset
    from playground.ui.actions import ActionSpec

SPEED = float("inf")
ONE_LINE_FROM = 645
BESIDE_EVERY = 4
"""While training pours pictures in, numbers and bars follow the film in every fourth of them."""
OWN_MAP, MAP_KIND = ("world", "car_own_map"), ("world", "car_map")


class AgentsPane(Pane):
    """Reinforcement learning to be watched: lander, car, and whatever else has a few actions."""

    def __init__(self, context: PaneContext) -> None:
        super().__init__(context)
        self._run_id: int | None = None
        self._presets: Mapping[str, Preset] | None = None
        self.playback = Playback(self)
        self._turns = Turns(CALM_ROUND)
        self._beats = 0
        self.hand = HandFlight(self)
        self.desk = FlightDesk(self.channel)
        self.scene = SceneView(self.playback)
        self.library = LibraryView()
        self.skill = SkillView(self.desk)
        self.stopwatch = Stopwatch()
        self.curves = CurvesView(self.stopwatch)
        self.seeds = SeedsView(self.channel)
        self.thinking = ThinkingView(self.playback)
        self.what_if = WhatIfView(self.playback)
        self.value_map = ValueMapView(self.channel, self.playback)
        self.replay = ReplayView()
        self.editor = MapEditor()
        self.ghosts = GhostFlights(self.desk, self.playback)
        self.programme = Programme(self)
        self.deck = ViewDeck(
            (CardView("scene", "Scene", self.scene), CardView("draw", "Draw", self.editor)),
            (
                CardView("library", "Episodes", self.library),
                CardView("curves", "Curves", self.curves),
                CardView("seeds", "Seeds", self.seeds),
                CardView("skill", "Skill", self.skill),
            ),
            (
                CardView("thinking", "Thinking", self.thinking),
                CardView("whatif", "What if", self.what_if),
                CardView("map", "Map", self.value_map),
                CardView("replay", "Memory", self.replay),
            ),
            left_out=frozenset({"draw", "replay"}),
        )
        self._inspector = AgentsInspector(self.channel)
        # Where the first run cannot be made (no Box2D), another world can still be chosen.
        self._inspector.show_spec(default_spec())
        self.exports = Exports(self)
        self.files = AgentFiles(self)
        self._commands = PaneCommands(self)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.addWidget(self.deck)
        self._connect()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def snapshot(self) -> AgentSnapshot | None:
        """The picture of the run drawn last."""
        frame = self.channel.last_frame
        snapshot = frame.snapshot if frame is not None else None
        return snapshot if isinstance(snapshot, AgentSnapshot) else None

    def default_spec(self) -> AgentSpec:
        """Return PPO on the lander."""
        return default_spec()

    def default_speed(self) -> float:
        """Return no limit: training runs on while its episodes are played."""
        return SPEED

    def presets(self) -> Mapping[str, Preset]:
        """Return the named set-ups of lessons and menu."""
        if self._presets is None:
            self._presets = agents_presets()
        return self._presets

    def show_view(self, name: str) -> bool:
        """Bring a view, or a curve of one of them, to the front; or play a chosen episode."""
        if self.curves.show_quantity(name):
            name = "curves"
        elif self.thinking.show_quantity(name):
            name = "thinking"
        elif self.value_map.show_kind(name):
            name = "map"
        elif name in ("master", "beginner", "best", "worst", "median", "first", "latest"):
            self.choose(name)
            name = "scene"
        return self.deck.show_view(name)

    def inspector(self) -> QWidget:
        """Return the form and the live numbers."""
        return self._inspector

    def pane_actions(self) -> tuple[ActionSpec, ...]:
        """Return the commands of the pane's menu."""
        return self._commands.all()

    def export_menu(self, menu: QMenu) -> None:
        """Add pictures, numbers and the agent."""
        self.exports.fill(menu)

    def render_frame(self, frame: Frame) -> None:
        """Draw a frame; views that are not in front cost nothing."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, AgentSnapshot):
            return
        if frame.run_id != self._run_id:
            self._run_id = frame.run_id
            self._leave_out(snapshot.spec)
            self.programme.begin_run(snapshot)
            self.render_slow(frame)
        self.stopwatch.take(frame)
        self.programme.take(frame, snapshot)
        if frame.transport.pours:
            self.playback.beat()

    @override
    def render_beside(self, frame: Frame) -> None:
        self._beats += 1
        if not frame.transport.pours or self._beats % BESIDE_EVERY == 0:
            self.playback.end_beat()
        self._turns.begin(pouring=frame.transport.pours)
        if "curves" in self.deck.shown() and self._turns.allows(0):
            self.curves.render_frame(frame)

    def render_slow(self, frame: Frame) -> None:
        """Refresh what is read rather than watched."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, AgentSnapshot):
            return
        self._turns.note_words()
        self._inspector.show_snapshot(snapshot)
        self._leave_out(snapshot.spec)
        shown = self.deck.shown()
        self.skill.show_snapshot(snapshot)
        self.ghosts.set_notches(self.skill.notches)
        if "library" in shown:
            self.library.show_snapshot(snapshot)
        if "curves" in shown:
            self.curves.render_slow()
        if "map" in shown:
            self.value_map.render_slow()
        if "replay" in shown:
            self.replay.show_snapshot(snapshot)

    def views(self) -> frozenset[str]:
        """Return which costly parts of the snapshot are on screen."""
        wanted = frozenset({VIEW_POLICY})
        return wanted | self.replay.views() if "replay" in self.deck.shown() else wanted

    def verdict(self, frame: Frame) -> tuple[Tone, str]:
        """Return how the agent does, in words with numbers."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, AgentSnapshot):
            return super().verdict(frame)
        # The stage keeps one line for it, or two where it is narrow.
        lines = 1 if self.width() >= px(ONE_LINE_FROM) else 2
        room = lines * 0.94 * (self.width() - px(28))
        advance = self.fontMetrics().horizontalAdvance
        return snapshot.verdict.tone, fitting(verdict_texts(snapshot.verdict.text), advance, room)

    def choose(self, key: str) -> None:
        """Play the latest, best, median, worst or first episode, a master or a beginner."""
        self.programme.choose(key)

    def fly_now(self) -> None:
        """Fly an episode with the policy as it is now, from a new start."""
        self.programme.fly_now()

    def take_controls(self) -> None:
        """Let the person steer from the frame on screen on; again: end it."""
        self.programme.take_controls()

    def begin_duel(self) -> None:
        """Let person and agent fly the same start side by side; again: end it."""
        self.programme.begin_duel()

    def repair(self) -> None:
        """Carry out what the verdict recommends; a live value at once, else as a new run."""
        snapshot = self.snapshot
        if snapshot is None or snapshot.verdict.repair is None:
            return
        repair = snapshot.verdict.repair
        if field_at(AgentSpec, repair.path).knob.live and not snapshot.status.running:
            self._open_changed(repair.path, repair.value, repair.label)
        else:
            self.channel.edit_value(repair.path, repair.value)

    def drive_on(self, course: HeadlightMap) -> None:
        """Let the agent drive on a map drawn by hand, from the next episode on."""
        spec = self.channel.spec
        if not isinstance(spec, AgentSpec):
            return
        if self.channel.edit_value(OWN_MAP, course.to_text()) and spec.world.car_map != "own":
            self.channel.edit_value(MAP_KIND, "own")
        self.deck.show_view("scene")
        self.programme.fly_on(course)

    def save_state(self) -> dict[str, Any]:
        """Return the arrangement and what the views show."""
        return {
            "deck": self.deck.save_state(),
            "curves": self.curves.save_state(),
            "seeds": self.seeds.save_state(),
            "thinking": self.thinking.save_state(),
            "map": self.value_map.save_state(),
            "speed": self.playback.speed,
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take up a layout; anything unknown or of a wrong type is left out."""
        if not isinstance(state, dict):
            return
        self.deck.restore_state(state.get("deck"))
        self.curves.restore_state(state.get("curves"))
        self.seeds.restore_state(state.get("seeds"))
        self.thinking.restore_state(state.get("thinking"))
        self.value_map.restore_state(state.get("map"))
        speed = state.get("speed")
        if isinstance(speed, int | float) and not isinstance(speed, bool) and speed == speed:
            self.playback.set_speed(float(speed))
        self.views_changed.emit()

    def accepts_drop(self, mime: QMimeData) -> bool:
        """Tell whether an agent or a map is being dragged."""
        return self.files.accepts(mime)

    def on_drop(self, mime: QMimeData) -> bool:
        """Open an agent onto the skill slider, or a map into the editor."""
        return self.files.take(mime)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.playback.set_active(True)

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.playback.set_active(False)
        self.hand.stop()

    def _connect(self) -> None:
        self.deck.shown_changed.connect(self._on_shown_changed)
        self.replay.order_changed.connect(self.views_changed)
        self.library.chosen.connect(self.programme.show_entry)
        self.skill.film_ready.connect(self.programme.show_film)
        self.skill.source_chosen.connect(self.programme.show_source)
        self.editor.drive_asked.connect(self.drive_on)
        self.editor.edited.connect(self._on_map_edited)

    def _leave_out(self, spec: AgentSpec) -> None:
        left: frozenset[str] = frozenset()
        if spec.world.kind != "headlight-car":
            left |= {"draw"}
        if spec.learner.algorithm != "dqn" or not spec.learner.replay:
            left |= {"replay"}
        self.deck.leave_out(left)

    def _open_changed(self, path: Path, value: Any, words: str) -> None:
        spec, frame = self.channel.spec, self.channel.last_frame
        if not isinstance(spec, AgentSpec) or frame is None:
            return
        try:
            changed = replace_at(spec, path, value)
        except SpecError as error:
            self.channel.problem.emit(str(error), "")
            return
        self.channel.open(changed, frame.seed, words, keep_playing=True)

    def _on_map_edited(self, course: HeadlightMap) -> None:
        spec = self.channel.spec
        if isinstance(spec, AgentSpec) and spec.world.car_map == "own":
            self.channel.edit_value(OWN_MAP, course.to_text())

    def _on_shown_changed(self) -> None:
        shown = self.deck.shown()
        self.scene.canvas.set_with_bars("thinking" not in shown)
        for key, view in (
            ("thinking", self.thinking),
            ("whatif", self.what_if),
            ("map", self.value_map),
        ):
            if key in shown:
                view.refresh()
        self.render_again()
        self.views_changed.emit()

    def _on_theme_changed(self) -> None:
        self._whole.setSpacing(px(8))
