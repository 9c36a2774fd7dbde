from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QToolButton

from playground.engine.frames import Phase
from playground.ui.actions import ACTIONS, ActionSet
from playground.ui.theme import theme
from playground.ui.transport import HEIGHT, Transport
from tests.ui.frames import RUNS, frame


@pytest.fixture
def transport(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    triggered = []
    actions = ActionSet(
        window,
        ACTIONS,
        {spec.id: lambda on, name=spec.id: triggered.append(name) for spec in ACTIONS},
    )
    transport = Transport(actions)
    transport.triggered = triggered
    transport.commands = actions
    window.setCentralWidget(transport)
    window.resize(1440, 120)
    window.show()
    yield transport
    theme().set_scale(1.0)


def test_it_shows_what_the_frame_says(transport):
    transport.show_frame(frame(12, 40, speed=50.0, seed=11, runs=RUNS, position="epoch 2 · 4"))
    assert transport.timeline.shown_step == 12
    assert transport.speed.speed == 50.0
    assert transport.seed.value == 11
    assert transport.position.text == "epoch 2 · 4"
    assert transport.runs_button.text().strip() == "3 runs"


def test_without_a_position_the_step_is_named(transport):
    transport.show_frame(frame(1284, 2000))
    assert transport.position.text == "step 1,284"


def test_showing_a_frame_asks_for_nothing(transport):
    heard = []
    transport.sought.connect(heard.append)
    transport.speed_edited.connect(heard.append)
    transport.seed_edited.connect(heard.append)
    transport.show_frame(frame(12, 40, Phase.PLAYING, speed=2.0))
    transport.show_frame(frame(13, 41, Phase.PLAYING, speed=3.0, seed=9))
    assert heard == []


def test_texts_wait_while_it_plays(transport):
    transport.show_frame(frame(1, 40, Phase.PLAYING, position="first"))
    transport.show_frame(frame(2, 40, Phase.PLAYING, position="second"))
    assert transport.position.text == "first"
    assert transport.timeline.shown_step == 2
    transport.show_texts(frame(2, 40, Phase.PLAYING, position="second"))
    assert transport.position.text == "second"


@pytest.mark.parametrize("phase", list(Phase))
def test_the_big_button_says_what_a_press_does(transport, phase):
    transport.show_frame(frame(phase=phase))
    assert transport.play_button.phase is phase
    assert transport.play_button.accessibleName() in transport.play_button.toolTip()
    assert not transport.play_button.grab().isNull()
    words = transport.play_button.accessibleName().lower()
    expected = {Phase.PLAYING: "pause", Phase.LOADING: "torch", Phase.FAILED: "failed"}
    assert expected.get(phase, "") in words


def test_buttons_trigger_the_actions_of_the_window(transport, qtbot):
    qtbot.mouseClick(transport.play_button, Qt.MouseButton.LeftButton)
    for button in transport.findChildren(QToolButton):
        if button.toolTip().startswith(("One step:", "Go back by one", "Start afresh from step 0")):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert sorted(transport.triggered) == [
        "run.play",
        "run.reset",
        "run.step",
        "run.step_back",
    ]


def test_every_button_has_a_name_and_a_tooltip(transport):
    for button in transport.findChildren(QToolButton):
        assert button.toolTip()
        assert button.accessibleName()


def test_a_typed_seed_is_a_wish_and_a_frame_does_not_overwrite_it(transport, qtbot):
    heard = []
    transport.seed_edited.connect(heard.append)
    field = transport.seed.field
    field.selectAll()
    qtbot.keyClicks(field, "12")
    transport.show_frame(frame(seed=7))
    assert field.text() == "12"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert heard == [12]


@pytest.mark.parametrize(
    ("width", "scale"),
    [(640, 1.0), (1024, 1.0), (1440, 1.0), (3840, 1.0), (1024, 1.6), (1440, 1.6), (1440, 2.0)],
)
def test_nothing_overlaps_or_is_cut_at_any_width(transport, width, scale):
    theme().set_scale(scale)
    transport.show_frame(frame(runs=RUNS, position="epoch 3 · sample 9 of 80"))
    transport.window().resize(width, 200)
    transport.layout().activate()
    boxes = []
    for part in (
        transport.play_button.parentWidget(),
        transport.speed,
        transport.timeline,
        transport.position,
        transport.seed,
        transport.runs_button,
        transport.status,
    ):
        if part.isVisible():
            assert part.width() >= part.minimumSizeHint().width()
            boxes.append(part.geometry())
    for number, box in enumerate(boxes):
        assert transport.rect().contains(box)
        assert not any(box.intersects(other) for other in boxes[number + 1 :])


def test_one_row_of_64_pixels_where_there_is_room(transport):
    transport.show_frame(frame())
    assert transport.height() == HEIGHT
