"""The convolution laboratory on an engine that the test drives itself."""

from __future__ import annotations

import contextlib

from PySide6.QtWidgets import QComboBox

from playground.engine.runner import Runner
from playground.experiments.convolution import ConvolutionExperiment
from playground.experiments.convolution_spec import ConvolutionSpec, ImageSpec, KernelSpec
from playground.panes.base import PaneContext, PaneInfo
from playground.panes.cnn.convolution_lab import ConvolutionLab
from playground.ui.channel import ChannelClient
from playground.ui.theme import theme
from tests.panes.conftest import Bench

INFO = PaneInfo(
    "cnn/convolution",
    "Convolution",
    "Convolution",
    "grid-3x3",
    "convolution",
    "playground.panes.cnn.convolution_lab:ConvolutionLab",
    "",
)
TINY = ConvolutionSpec(
    image=ImageSpec(kind="digit", size=8), kernel=KernelSpec.of("sobel x"), border="zeros"
)


@contextlib.contextmanager
def dark_theme(app):
    """Install the dark theme; mode and scale are put back afterwards."""
    manager = theme()
    before = (manager.mode, manager.scale)
    manager.set_mode("dark")
    manager.install(app)
    yield manager
    manager.set_mode(before[0])
    manager.set_scale(before[1])


def build_lab(size=(1010, 650)):
    """Return the laboratory at step 0, shown and drawn."""
    runner = Runner(lambda kind: ConvolutionExperiment)
    channel = ChannelClient(INFO.id, INFO.experiment_kind, runner.send)
    made = Bench(None, channel, runner)
    channel.problem.connect(lambda sentence, _: made.reports.append(sentence))
    context = PaneContext(
        INFO, channel, lambda sentence, _: made.reports.append(sentence), lambda: None
    )
    made.pane = ConvolutionLab(context)
    channel.frame.connect(made.pane.render_frame)
    channel.beside.connect(made.pane.render_beside)
    made.pane.views_changed.connect(lambda: channel.watch(True, made.pane.views()))
    made.pane.resize(*size)
    made.pane.show()
    channel.watch(True, made.pane.views())
    channel.open(TINY, 7)
    made.pump()
    for combo in (
        *made.pane.findChildren(QComboBox),
        *made.pane.inspector().findChildren(QComboBox),
    ):
        # Makes its list now: a later one would look like a window that a test forgot.
        combo.view()
    return made


def end(bench):
    """Take a laboratory away."""
    bench.pane.inspector().deleteLater()
    bench.pane.close()
    bench.pane.deleteLater()


def reset(bench):
    """Bring a laboratory back to where it was made: building one for every test takes long."""
    pane = bench.pane
    pane.show()
    pane.resize(1010, 650)
    for view in ("pooled", "sizes", "window"):
        pane.show_view(view)
    pane.stage.kernel.channel.edited.emit(0)
    pane.stage.kernel.show_problem("")
    pane.stage.picture.set_painting(False)
    pane.stage.point_at("output", None)
    pane.stage.note("")
    load(bench)
    bench.channel.undo_stack.clear()
    bench.reports.clear()
    return bench


def load(bench, **changes):
    """Open the tiny set-up with other values."""
    bench.channel.open(TINY.model_copy(update=changes), 7)
    bench.pump()


def hover(qtbot, view, row, col):
    """Move the pointer onto a pixel."""
    qtbot.mouseMove(view, view.rect_of(row, col).center().toPoint())
