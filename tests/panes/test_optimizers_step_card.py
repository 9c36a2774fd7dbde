"""The step card and the memory table: numbers of a real race, painted and told in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QHelpEvent

from playground.core.optimizer_memory import COURSE_MLP
from playground.engine.frames import Frame, Phase, Transport
from playground.engine.history import History
from playground.experiments.optimizers import OptimizerRaceExperiment
from playground.experiments.optimizers_methods import METHOD_LABELS
from playground.experiments.optimizers_snapshot import Accumulator, card_view
from playground.experiments.optimizers_spec import OptimizerRaceSpec, new_lane
from playground.experiments.optimizers_surface_spec import SurfaceSpec


def frame_of(experiment, phase=Phase.PAUSED, lanes=range(16), run_id=1):
    history = History(experiment.series)
    history.append(experiment.drain_records())
    step = experiment.step_index
    return Frame(
        "optimizers",
        run_id,
        "optimizers",
        7,
        experiment.snapshot(frozenset(map(card_view, lanes))),
        history.view(),
        Transport(phase, step, step, 30.0),
    )


def race(*methods, kind="himmelblau"):
    lanes = tuple(new_lane(method, place) for place, method in enumerate(methods))
    return OptimizerRaceExperiment(
        OptimizerRaceSpec(surface=SurfaceSpec(kind=kind), lanes=lanes), 7
    )


@pytest.fixture
def card(qtbot, themed):
    from playground.panes.optimizers.step_card import StepCard

    made = StepCard()
    qtbot.addWidget(made)
    made.resize(340, 420)
    made.show()
    return made


@pytest.mark.parametrize("method", METHOD_LABELS)
def test_every_method_has_a_card_that_ends_at_its_weight(card, method):
    experiment = race(method)
    experiment.advance(4)
    frame = frame_of(experiment)
    card.render_frame(frame)
    view = frame.snapshot.lanes[0]
    assert card.lines.terms[-1].values == pytest.approx((view.x, view.y), rel=1e-9)
    words = card.lines.as_text()
    assert words.startswith(f"{METHOD_LABELS[method]}, round 4")
    assert card.squares.isVisible() == bool(view.accumulators)
    assert not card.grab().isNull()


def test_before_the_first_step_the_card_says_what_to_do(card):
    card.render_slow(frame_of(race("adam")))
    assert card.empty.isVisible()
    assert "Take one step" in card.empty._label.text()


def test_the_lines_follow_the_timeline_and_rest_while_playing(card):
    experiment = race("momentum")
    experiment.advance(2)
    card.render_frame(frame_of(experiment, Phase.PAUSED))
    assert "round 2" in card.lines.as_text()
    experiment.advance(3)
    playing = frame_of(experiment, Phase.PLAYING)
    card.render_frame(playing)
    assert "round 2" in card.lines.as_text()
    card.render_slow(playing)
    assert "round 5" in card.lines.as_text()


def test_the_card_asks_for_the_lane_that_is_selected(card):
    assert card.views() == {card_view(0)}
    card.set_selected(3)
    assert card.views() == {card_view(3)}


def test_a_lane_that_takes_no_part_is_told(card):
    experiment = race("adam")
    experiment.advance(2)
    card.set_selected(5)
    card.render_slow(frame_of(experiment))
    assert "does not take part" in card.empty._label.text()


def test_a_lane_at_rest_shows_the_round_of_its_last_step(card):
    experiment = race("rprop", "sgd")
    while experiment.snapshot(frozenset()).lanes[0].finished_round is None:
        experiment.step()
    arrived = experiment.step_index
    experiment.advance(5)
    card.render_frame(frame_of(experiment))
    assert f"Rprop, round {arrived}" in card.lines.as_text()


def with_values(view, *values):
    return replace(
        view, accumulators=tuple(Accumulator(s, f"value {s}", pair) for s, pair in values)
    )


def test_the_area_of_a_square_is_the_value(card):
    experiment = race("adam")
    experiment.advance(1)
    view = experiment.snapshot(frozenset()).lanes[0]
    squares = card.squares
    squares.show_lane(1, with_values(view, ("v", (8.0, 2.0))))
    assert squares.side_of("v", 8.0) ** 2 == pytest.approx(4 * squares.side_of("v", 2.0) ** 2)
    largest = squares.side_of("v", 8.0)
    # Smaller values later do not make the squares grow.
    squares.show_lane(1, with_values(view, ("v", (4.0, 0.0))))
    assert squares.side_of("v", 4.0) == pytest.approx(largest / 2**0.5)
    assert squares.side_of("v", 0.0) == 0.0
    assert squares.side_of("v", float("nan")) == 0.0
    # Another run has other sizes.
    squares.show_lane(2, with_values(view, ("v", (4.0, 0.0))))
    assert squares.side_of("v", 4.0) == pytest.approx(largest)


def test_negative_and_huge_values_are_painted(card):
    experiment = race("rprop")
    experiment.advance(3)
    card.render_frame(frame_of(experiment))
    view = experiment.snapshot(frozenset()).lanes[0]
    squares = card.squares
    squares.resize(300, 90)
    for pair in ((-1e300, 1e-300), (float("inf"), float("nan")), (0.0, -0.0)):
        squares.show_lane(1, with_values(view, ("s", pair), ("g₋", pair)))
        assert not squares.grab().isNull()


def test_a_narrow_card_wraps_and_a_wide_one_needs_less_height(qtbot, themed):
    from playground.panes.optimizers.step_card_lines import StepLines

    experiment = race("nadam")
    experiment.advance(3)
    lines = StepLines()
    qtbot.addWidget(lines)
    lines.show()
    lines.show_terms("Nadam", frame_of(experiment).snapshot.lanes[0].card, ("x", "y"))
    lines.resize(200, 100)
    narrow = lines.sizeHint().height()
    lines.resize(700, 100)
    assert lines.sizeHint().height() < narrow


@pytest.fixture
def table(qtbot, themed):
    from playground.panes.optimizers.memory_table import MemoryTable

    made = MemoryTable()
    qtbot.addWidget(made)
    made.resize(330, 400)
    made.show()
    return made


def test_the_table_is_that_of_the_course(table):
    rows = {row[0]: row for row in table.rows()}
    expected = {
        "SGD": ("8 B", "56.0 GB"),
        "Momentum": ("12 B", "84.0 GB"),
        "AdaGrad": ("12 B", "84.0 GB"),
        "RMSprop": ("12 B", "84.0 GB"),
        "Adam": ("16 B", "112 GB"),
        "AdaDelta": ("16 B", "112 GB"),
    }
    for name, (a_weight, large) in expected.items():
        assert (rows[name][1], rows[name][3]) == (a_weight, large)
    assert rows["SGD"][2] == f"{8 * COURSE_MLP / 1e6:.2f} MB"
    assert "The course's table says 4×." in table.tip(
        next(need for need in table.needs if need.method == "adam")
    )


def test_the_table_follows_the_network_and_the_race(table):
    table.set_network("64-20-10", 1_510)
    assert {row[0]: row for row in table.rows()}["SGD"][2] == "12.1 kB"
    assert "64-20-10" in table.as_text()
    lanes = (new_lane("sgd"), new_lane("lbfgs").model_copy(update={"history": 3}))
    experiment = OptimizerRaceExperiment(OptimizerRaceSpec(lanes=lanes), 1)
    table.render_slow(frame_of(experiment))
    assert {row[0]: row for row in table.rows()}["L-BFGS"][1] == f"{4 * (2 + 2 * 3 + 2)} B"
    table.set_selected(1)
    assert not table.grab().isNull()
    event = QHelpEvent(QHelpEvent.Type.ToolTip, QPoint(40, 60), table.mapToGlobal(QPoint(40, 60)))
    assert table.event(event)


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 B"), (999, "999 B"), (1_000, "1.00 kB"), (999_600, "1.00 MB")]
)
def test_bytes_are_told_with_three_digits(count, words):
    from playground.panes.optimizers.memory_table import bytes_in_words

    assert bytes_in_words(count) == words
