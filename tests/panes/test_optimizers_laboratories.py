"""The laboratories of the optimizer race: run on a real engine without a thread."""

from __future__ import annotations

import gc
import math

import numpy as np
import pytest
from PySide6.QtCore import Qt

from playground.experiments.optimizer_studies_basins import LOST, UNDER_WAY, BasinResult
from playground.experiments.optimizers_spec import OptimizerRaceSpec, new_lane, with_lane_added
from playground.experiments.optimizers_surface_spec import SurfaceSpec


class Laboratory:
    """A card with its channel and an engine that the test turns by hand."""

    def __init__(self, spec):
        from playground.engine.runner import Runner
        from playground.experiments.optimizers import OptimizerRaceExperiment
        from playground.panes.optimizers.laboratories import LaboratoriesCard
        from playground.ui.channel import ChannelClient

        self.runner = Runner(lambda _: OptimizerRaceExperiment)
        self.channel = ChannelClient("optimizers", "optimizers", self.runner.send)
        self.problems = []
        self.channel.problem.connect(lambda sentence, _: self.problems.append(sentence))
        self.channel.open(spec, 7)
        self.channel.watch(True, frozenset())
        self.card = LaboratoriesCard(self.channel)
        self.card.resize(420, 520)
        self.card.show()
        self.pump(6)

    def pump(self, turns=1):
        for _ in range(turns):
            self.runner.pump()
            for event in self.runner.events():
                self.channel.deliver_event(event)
            self.channel.deliver_progress(self.runner.job_progress())
            frame = self.runner.take_frame("optimizers")
            if frame is not None:
                self.channel.deliver_frame(frame)
                self.channel.deliver_beside(frame)

    def finish(self):
        for _ in range(5000):
            if not self.card.running:
                return
            self.pump()
        raise AssertionError("the laboratory did not come to an end")

    @property
    def spec(self):
        return self.channel.last_frame.snapshot.spec


@pytest.fixture
def laboratory(qtbot, themed):
    lanes = (new_lane("sgd", 0), new_lane("adam", 1))
    made = Laboratory(OptimizerRaceSpec(surface=SurfaceSpec(kind="himmelblau"), lanes=lanes))
    qtbot.addWidget(made.card)
    yield made
    made.channel._send = None
    made.runner = None
    gc.collect()


def test_before_the_first_run_the_page_says_what_it_is_for(laboratory, qtbot):
    card = laboratory.card
    assert card.rates.empty.isVisible()
    assert not card.verdict.isVisible()
    card.rates.budget.set_value(30)
    qtbot.mouseClick(card.run_button, Qt.MouseButton.LeftButton)
    assert card.running
    assert card.run_button.text() == "Cancel"
    laboratory.finish()
    assert not card.rates.empty.isVisible()
    assert card.rates.plot.isVisible()


def test_a_low_card_leaves_the_room_to_the_picture(laboratory):
    card = laboratory.card
    assert card.rates.knobs.isVisible()
    card.resize(300, 240)
    assert not card.rates.knobs.isVisible()
    card.settings_button.click()
    assert card.rates.knobs.isVisible()
    card.resize(300, 600)
    assert card.rates.knobs.isVisible()


def test_the_best_rates_start_a_new_race(laboratory):
    card = laboratory.card
    card.rates.budget.set_value(80)
    card.run()
    laboratory.finish()
    result = card.rates.result
    assert [curve.name for curve in card.rates.plot.curves] == ["SGD", "Adam"]
    assert card.verdict.text.startswith(result.summary)
    assert card.rates.take_button.isEnabled()
    run = laboratory.channel.run_id
    card.rates.take_best()
    laboratory.pump(6)
    assert laboratory.channel.run_id != run
    for lane, found in zip(laboratory.spec.lanes, result.lanes, strict=True):
        assert lane.rate == pytest.approx(found.best_rate, rel=5e-3)
    assert laboratory.problems == []


def test_lanes_that_were_removed_meanwhile_take_no_rate(laboratory):
    card = laboratory.card
    card.rates.budget.set_value(30)
    card.run()
    laboratory.finish()
    one = OptimizerRaceSpec(lanes=(new_lane("rprop"),))
    laboratory.channel.open(one, 7)
    laboratory.pump(6)
    card.rates.take_best()
    laboratory.pump(6)
    assert laboratory.spec.lanes == one.lanes


def test_rates_that_go_down_are_refused_at_once(laboratory):
    card = laboratory.card
    card.rates.low.set_value(1.0)
    card.rates.high.set_value(0.1)
    card.run()
    assert not card.running
    assert "below the largest" in card.verdict.text
    assert card.verdict.kind == "warn"


def test_a_cancelled_run_keeps_what_was_drawn(laboratory):
    card = laboratory.card
    card.rates.budget.set_value(2000)
    card.run()
    for _ in range(400):
        laboratory.pump()
        if card.rates.result is not None:
            break
    drawn = card.rates.result
    assert drawn is not None
    card.cancel()
    laboratory.pump(10)
    assert card.rates.result is drawn
    assert not card.running
    assert "Stopped" in card.verdict.text
    assert card.rates.take_button.isEnabled()


def test_each_lane_has_a_map_of_its_own(laboratory):
    card = laboratory.card
    assert card.show_laboratory("basins")
    card.basins.cells.set_value(12)
    card.basins.budget.set_value(60)
    card.run()
    laboratory.finish()
    card.set_selected(1)
    assert card.basins.result is None
    assert card.basins.empty.isVisible()
    card.run()
    laboratory.finish()
    assert card.basins.result.title == "Adam"
    card.set_selected(0)
    assert card.basins.result.title == "SGD"
    assert card.verdict.text == card.basins.result.summary


def test_the_start_under_the_pointer_shows_its_path(laboratory):
    card = laboratory.card
    card.show_laboratory("basins")
    card.basins.cells.set_value(10)
    card.basins.budget.set_value(60)
    card.run()
    laboratory.finish()
    words = card.basins._words_at(2.9, 2.1)
    assert "reaches (3, 2)" in words
    for _ in range(50):
        laboratory.pump()
        if card.basins.trail.bounds is not None:
            break
    bounds = card.basins.trail.bounds
    result = card.basins.result
    nearest = result.x[np.abs(result.x - 2.9).argmin()]
    assert bounds.x0 <= nearest <= bounds.x1
    assert card.basins._words_at(99.0, 0.0) == ""
    assert card.basins.trail.bounds is None


def test_a_map_of_another_surface_is_not_kept(laboratory):
    card = laboratory.card
    card.show_laboratory("basins")
    card.basins.cells.set_value(8)
    card.basins.budget.set_value(20)
    card.run()
    laboratory.finish()
    card.set_selected(1)
    laboratory.channel.open(
        OptimizerRaceSpec(surface=SurfaceSpec(kind="bowl"), lanes=laboratory.spec.lanes), 7
    )
    laboratory.pump(6)
    card.run()
    laboratory.finish()
    card.set_selected(0)
    assert card.basins.result is None


def test_a_lane_that_is_not_there_gets_no_map(laboratory):
    card = laboratory.card
    card.show_laboratory("basins")
    card.set_selected(9)
    card.run()
    assert not card.running
    assert "select another" in card.verdict.text


def basin(minima, minimum, rounds, budget=100):
    from playground.core.surfaces.surface import Domain

    minimum = np.array(minimum, dtype=np.int16)
    count = len(minimum)
    middles = (np.arange(count) + 0.5) / count
    return BasinResult(
        0,
        "SGD",
        Domain(0.0, 1.0, 0.0, 1.0),
        minima,
        ("x", "y"),
        middles,
        middles,
        minimum,
        np.array(rounds, dtype=np.int32),
        budget,
        "",
    )


def test_colours_tell_minima_apart_and_slow_starts_are_paler(themed):
    from playground.core.surfaces.surface import Minimum
    from playground.panes.optimizers.laboratories_basins import basin_colours
    from playground.ui.theme import lane, qcolor

    minima = (Minimum(0.0, 0.0, 0.0), Minimum(1.0, 1.0, 2.0, lowest=False))
    picture = basin_colours(basin(minima, [[0, 0], [1, 1]], [[0, 90], [0, 90]])).astype(int)
    ground = np.array(qcolor("raised").getRgb()[:3])
    for row, index in ((0, 0), (1, 1)):
        assert tuple(picture[row, 0, :3]) == qcolor(lane(index)).getRgb()[:3]
        near = np.abs(picture[row, 1, :3] - ground).sum()
        assert near < np.abs(picture[row, 0, :3] - ground).sum()
    ends = basin_colours(basin(minima, [[UNDER_WAY, LOST]] * 2, [[100, 3]] * 2))
    assert tuple(ends[0, 0, :3]) == qcolor("raised").getRgb()[:3]
    assert tuple(ends[0, 1, :3]) == qcolor("control").getRgb()[:3]


def test_many_minima_are_coloured_by_their_height(themed):
    from playground.core.surfaces.surface import Minimum
    from playground.panes.optimizers.laboratories_basins import minimum_colours
    from playground.ui.theme import theme

    minima = tuple(Minimum(float(k), 0.0, float(k), lowest=k == 0) for k in range(30))
    colours = minimum_colours(basin(minima, [[0]], [[0]]))
    table = theme().tokens.scalar_map
    assert colours[0].tolist() == table[255, :3].tolist()
    assert colours[-1].tolist() == table[0, :3].tolist()


def test_the_network_is_raced_and_its_epochs_can_be_scrubbed(laboratory):
    card, page = laboratory.card, laboratory.card.network
    card.show_laboratory("network")
    page.layers.setText("12")
    page.epochs.set_value(3)
    page.batch.set_value(300)
    card.run()
    laboratory.finish()
    assert page.result.epochs == 3
    assert [len(one.epochs) for one in page.result.lanes] == [4, 4]
    assert "After epoch 3" in card.verdict.text
    page.timeline.sought.emit(1)
    assert page.epoch == 1
    assert "After epoch 1" in card.verdict.text
    assert page.now_lines[0].value() == 1.0
    page.axis.edited.emit("seconds")
    curve = page.loss_plot.curves[1]
    np.testing.assert_array_equal(curve.data[0], page.result.lanes[1].epochs)
    page.axis.set_value("seconds")
    page._draw_all()
    np.testing.assert_array_equal(curve.data[0], page.result.lanes[1].seconds)
    assert not page.now_lines[0].isVisible()
    page.part.set_value("train")
    page._draw_all()
    np.testing.assert_array_equal(curve.data[1], page.result.lanes[1].train_loss)


def test_layers_that_cannot_be_read_start_nothing(laboratory, qtbot):
    card, page = laboratory.card, laboratory.card.network
    card.show_laboratory("network")
    page.layers.setText("500-three")
    card.run()
    assert not card.running
    assert "Write the hidden layers like 500-300" in card.verdict.text
    told = []
    page.network_changed.connect(lambda words, weights: told.append((words, weights)))
    page.layers.editingFinished.emit()
    assert page.layers.property("invalid") == "true"
    assert told == []
    page.layers.setText("20")
    page.layers.editingFinished.emit()
    assert page.layers.property("invalid") == "false"
    assert told == [("64-20-10", 65 * 20 + 21 * 10)]


def test_results_can_be_taken_as_tables(laboratory):
    card = laboratory.card
    assert card.csv() == ""
    card.rates.budget.set_value(20)
    card.rates.count.set_value(5)
    card.run()
    laboratory.finish()
    lines = card.csv().splitlines()
    assert lines[0] == "lane,method,rate,final_loss,rounds_to_bottom"
    assert len(lines) == 1 + 2 * 5
    assert math.isclose(float(lines[1].split(",")[2]), 1e-4)
    card.show_laboratory("basins")
    card.basins.cells.set_value(8)
    card.basins.budget.set_value(20)
    card.run()
    laboratory.finish()
    assert len(card.csv().splitlines()) == 65
    card.show_laboratory("network")
    card.network.layers.setText("5")
    card.network.epochs.set_value(1)
    card.network.batch.set_value(700)
    card.run()
    laboratory.finish()
    assert card.csv().splitlines()[0].startswith("lane,method,rate,epoch,seconds,train_loss")
    assert len(card.csv().splitlines()) == 1 + 2 * 2


def test_pages_follow_the_theme_and_the_scale(laboratory, themed):
    card = laboratory.card
    card.rates.budget.set_value(20)
    card.run()
    laboratory.finish()
    themed.set_mode("light")
    themed.set_scale(1.5)
    for name in ("rates", "basins", "network"):
        assert card.show_laboratory(name)
        assert not card.grab().isNull()
    assert not card.show_laboratory("unknown")


def test_lbfgs_is_mapped_start_by_start(laboratory):
    spec = with_lane_added(laboratory.spec, "lbfgs")
    laboratory.channel.open(spec, 7)
    laboratory.pump(6)
    card = laboratory.card
    card.show_laboratory("basins")
    card.set_selected(2)
    card.basins.cells.set_value(8)
    card.basins.budget.set_value(20)
    card.run()
    laboratory.finish()
    assert card.basins.result.minimum.shape == (8, 8)
    assert "start by start" in card.verdict.text
