"""The one theme of the process, installed for widgets and put back after every test."""

from __future__ import annotations

import pytest


@pytest.fixture
def themed(qapp):
    """Return the installed theme manager; mode, scale and motion are put back afterwards."""
    from playground.ui.theme import theme

    manager = theme()
    before = (manager.mode, manager.scale, manager.reduced_motion)
    manager.set_mode("dark")
    manager.install(qapp)
    yield manager
    manager.set_mode(before[0])
    manager.set_scale(before[1])
    manager.set_reduced_motion(before[2])


@pytest.fixture
def plot(themed, qtbot):
    """Return a shown plot of 500 × 300 with named axes."""
    from PySide6.QtWidgets import QApplication

    from playground.ui.plots import Plot

    made = Plot("epoch", "errors", y_unit="%", allow_log=True)
    made.resize(500, 300)
    qtbot.addWidget(made)
    made.show()
    QApplication.processEvents()
    return made
