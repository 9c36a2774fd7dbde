from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from playground.ui.run_list import RUN_ID_ROLE, RunList
from tests.ui.frames import RUNS


@pytest.fixture
def runs(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    runs = RunList(parent)
    runs.switched, runs.dropped = [], []
    runs.switch_asked.connect(runs.switched.append)
    runs.drop_asked.connect(runs.dropped.append)
    runs.set_runs(RUNS, 1)
    made = runs
    yield made
    parent.close()


def row(runs, run_id):
    tree = runs.tree
    items = [tree.topLevelItem(i) for i in range(tree.topLevelItemCount())]
    return next(item for item in items if item.data(0, RUN_ID_ROLE) == run_id)


def texts(runs, run_id):
    return [row(runs, run_id).text(column) for column in range(5)]


def test_every_run_says_steps_result_seed_and_origin(runs):
    assert texts(runs, 1) == ["first try · current", "1,284", "accuracy 0.9", "7", ""]
    assert texts(runs, 2) == ["run 2", "40", "accuracy 0.95", "7", "first try, step 20"]
    assert row(runs, 3).toolTip(0) == "α is too large"


def test_the_newest_is_on_top(runs):
    assert runs.tree.topLevelItem(0).data(0, RUN_ID_ROLE) == 3


def test_enter_switches(runs, qtbot):
    runs.tree.setCurrentItem(row(runs, 2))
    runs.tree.itemActivated.emit(row(runs, 2), 0)
    assert runs.switched == [2]


def buttons(runs):
    return {button.text(): button for button in runs.findChildren(QPushButton)}


def test_the_current_run_can_be_neither_forgotten_nor_gone_to(runs):
    runs.tree.setCurrentItem(row(runs, 1))
    assert not any(button.isEnabled() for button in buttons(runs).values())
    runs._on_drop_clicked()
    assert runs.dropped == []


def test_another_one_can(runs, qtbot):
    runs.tree.setCurrentItem(row(runs, 3))
    qtbot.mouseClick(buttons(runs)["Forget"], Qt.MouseButton.LeftButton)
    assert runs.dropped == [3]


def test_growing_runs_keep_rows_and_selection(runs):
    item = row(runs, 2)
    runs.tree.setCurrentItem(item)
    grown = tuple(
        run if run.run_id != 1 else type(run)(1, run.label, 7, 9999, "", run.status) for run in RUNS
    )
    runs.set_runs(grown, 1)
    assert row(runs, 2) is item
    assert runs.tree.currentItem() is item
    assert texts(runs, 1)[1] == "9,999"


def test_a_forgotten_parent_is_called_so(runs):
    runs.set_runs(RUNS[1:], 2)
    assert texts(runs, 2)[4] == "a forgotten run, step 20"


def test_a_closed_list_is_filled_when_it_is_looked_at(runs):
    top = runs._tree.topLevelItem
    before = [top(i).text(1) for i in range(runs._tree.topLevelItemCount())]
    runs.set_runs(RUNS[:1], 1)
    assert [top(i).text(1) for i in range(runs._tree.topLevelItemCount())] == before
    runs.pop_up(runs.parentWidget())
    assert runs._tree.topLevelItemCount() == 1
    runs.set_runs(RUNS, 1)
    assert runs._tree.topLevelItemCount() == len(RUNS)
    runs.close()
