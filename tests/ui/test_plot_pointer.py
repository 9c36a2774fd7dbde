from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def pixel_of(plot, x, y):
    return plot.view.mapFromScene(plot.box.mapViewToScene(QPointF(x, y)))


def hover(plot, x, y):
    """Move the pointer over a place, without the platform's own idea of where it is."""
    pixel = QPointF(pixel_of(plot, x, y))
    viewport = plot.view.viewport()
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        pixel,
        QPointF(viewport.mapToGlobal(pixel.toPoint())),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(viewport, event)


def test_read_out_tells_the_nearest_curve_and_stays_inside(plot):
    low, high = plot.add_curve("low"), plot.add_curve("high")
    x = np.arange(11)
    low.set_data(x, np.zeros(11))
    high.set_data(x, np.full(11, 0.975))
    for place, expected in ((3, "high  0.9750\nepoch 3"), (10, "high  0.9750\nepoch 10")):
        hover(plot, place, 0.9)
        assert plot.read_out_text() == expected
        label = plot._read_out.label
        assert plot.view.rect().contains(label.geometry())
    hover(plot, 5, 0.1)
    assert plot.read_out_text() == "low  0.000\nepoch 5"


def test_read_out_can_be_replaced(plot):
    plot.add_curve("a").set_data([0, 10], [0, 10])
    plot.set_read_out(lambda x, y: f"f = {x + y:.0f}" if x < 5 else "")
    hover(plot, 2, 3)
    assert plot.read_out_text() == "f = 5"
    hover(plot, 8, 3)
    assert plot.read_out_text() == ""


class Recorder:
    def __init__(self, takes=True):
        self.takes = takes
        self.said = []

    def press(self, event):
        self.said.append(("press", round(event.x), round(event.y), event.button))
        return self.takes

    def move(self, event):
        self.said.append(("move", round(event.x), round(event.y), event.buttons))

    def release(self, event):
        self.said.append(("release", round(event.x), round(event.y), event.button))

    def double_click(self, event):
        self.said.append(("double",))
        return self.takes

    def leave(self):
        self.said.append(("leave",))


def drag(plot, button, start, end):
    viewport = plot.view.viewport()
    QTest.mousePress(viewport, button, pos=pixel_of(plot, *start))
    QTest.mouseMove(viewport, pixel_of(plot, *end))
    QTest.mouseRelease(viewport, button, pos=pixel_of(plot, *end))
    QApplication.processEvents()


@pytest.mark.parametrize("button", [LEFT, RIGHT])
def test_a_tool_gets_presses_in_data_coordinates_before_panning(plot, button):
    plot.add_curve("a").set_data([0, 100], [0, 100])
    tool = Recorder()
    plot.set_pointer_tool(tool)
    before = plot.range
    drag(plot, button, (20, 30), (60, 70))
    kinds = [entry[0] for entry in tool.said]
    assert kinds[0] == "press"
    assert kinds[-1] == "release"
    assert tool.said[0][3] == button
    assert abs(tool.said[0][1] - 20) <= 1
    assert abs(tool.said[-1][2] - 70) <= 1
    assert plot.range == before


def test_a_press_the_tool_leaves_pans(plot):
    plot.add_curve("a").set_data([0, 100], [0, 100])
    tool = Recorder(takes=False)
    plot.set_pointer_tool(tool)
    before = plot.range
    viewport = plot.view.viewport()
    QTest.mousePress(viewport, LEFT, pos=pixel_of(plot, 20, 30))
    for x in (30, 40, 60):
        QTest.mouseMove(viewport, pixel_of(plot, x, 30))
    QTest.mouseRelease(viewport, LEFT, pos=pixel_of(plot, 60, 30))
    assert ("release",) not in [entry[:1] for entry in tool.said]
    assert plot.range.x0 < before.x0
    assert not plot.is_following


def test_events_on_a_log_axis_are_plain_values(plot):
    plot.add_curve("a").set_data([0, 100], [1e-3, 1e3])
    plot.set_log(y=True)
    tool = Recorder()
    plot.set_pointer_tool(tool)
    QTest.mousePress(plot.view.viewport(), LEFT, pos=pixel_of(plot, 50, 2))
    assert tool.said[0][2] == pytest.approx(100, rel=0.05)


def test_menu_is_short_and_ours(plot):
    mine = QAction("Show residuals", plot)
    plot.add_menu_action(mine)
    menu = plot.context_menu()
    texts = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert texts == [
        "Show residuals",
        "Fit view",
        "Logarithmic y axis",
        "Copy picture",
        "Save picture…",
    ]
    menu.deleteLater()
