"""A pane of the toy experiment, with which the shell is tested."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from playground.panes.base import Pane, PaneInfo, Preset
from playground.ui.actions import ActionSpec
from playground.ui.theme import theme
from tests.engine.toys import Pull, WalkSpec

WALK = PaneInfo(
    id="walk",
    title="Random walk",
    rail_label="Walk",
    icon="activity",
    experiment_kind="walk",
    factory="tests.ui.walk_pane:WalkPane",
    shortcut="1",
)
OTHER = PaneInfo(
    id="other",
    title="Another walk",
    rail_label="Other walk",
    icon="spline",
    experiment_kind="walk",
    factory="tests.ui.walk_pane:WalkPane",
    shortcut="2",
)
WALKS = (WALK, OTHER)


class WalkPane(Pane):
    def __init__(self, context):
        super().__init__(context)
        import pyqtgraph as pg

        self.rendered = []
        self.slow = 0
        self.dropped = []
        self.layout_restored = None
        self.pulled = 0
        self._plot = pg.PlotWidget(background=theme().tokens.bg)
        self._curve = self._plot.plot(pen=theme().pen("accent", 2))
        column = QVBoxLayout(self)
        column.addWidget(self._plot)
        self._inspector = QWidget()
        rows = QVBoxLayout(self._inspector)
        rows.addWidget(QLabel("Settings of the walk"))
        rows.addStretch(1)

    def default_spec(self):
        return WalkSpec()

    def presets(self):
        return {
            "far": Preset("far away", "Starts at 100.", WalkSpec(start=100.0), seed=3, speed=50.0),
            "going": Preset("going", "Plays at once.", WalkSpec(), seed=4, play=True),
        }

    def show_view(self, name):
        return name == "plot"

    def inspector(self):
        return self._inspector

    def pane_actions(self):
        return (
            ActionSpec(
                "walk.pull",
                "Pull",
                "Pull the walker to ten.",
                ("P",),
                ("Edit",),
                run=self._pull,
                separator=True,
            ),
        )

    def header_actions(self):
        return (ActionSpec("walk.compare", "Compare", "Nothing yet.", run=self._pull),)

    def export_menu(self, menu):
        menu.addAction("Plot as PNG …")

    def render_frame(self, frame):
        self.rendered.append(frame)
        del self.rendered[:-500]
        walk = frame.history.series("walk")
        self._curve.setData(walk.steps[-500:], walk.columns["position"][-500:])

    def render_slow(self, frame):
        self.slow += 1

    def views(self):
        return frozenset({"plot"})

    def save_state(self):
        return {"split": 3}

    def restore_state(self, state):
        self.layout_restored = state

    def accepts_drop(self, mime):
        return mime.hasText()

    def on_drop(self, mime):
        self.dropped.append(mime.text())
        return bool(mime.text())

    def _pull(self, checked):
        self.pulled += 1
        self.channel.edit(Pull(target=10.0, key=self.pulled))
