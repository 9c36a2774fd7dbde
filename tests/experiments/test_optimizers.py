"""The race against plain torch.optim loops, and what a run has to keep."""

from __future__ import annotations

import itertools
import runpy
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.core.formulas import parse
from playground.core.points import PointSet
from playground.core.surfaces import calculus
from playground.experiments.base import EditError, Progress, SetValue
from playground.experiments.optimizers import OptimizerRaceExperiment
from playground.experiments.optimizers_lane_spec import LaneSpec
from playground.experiments.optimizers_methods import METHOD_LABELS
from playground.experiments.optimizers_script import as_torch_script
from playground.experiments.optimizers_snapshot import (
    SERIES_COLUMNS,
    Standing,
    card_view,
    lane_series,
)
from playground.experiments.optimizers_spec import (
    FinishSpec,
    NoiseSpec,
    OptimizerRaceSpec,
    new_lane,
    with_start,
)
from playground.experiments.optimizers_surface_spec import SURFACE_LABELS, SurfaceSpec
from playground.experiments.spec import SpecError

ALL_METHODS = tuple(METHOD_LABELS)
NO_VIEWS = frozenset()
GO_ON = FinishSpec(rest=False)


def race(kind="beale", methods=ALL_METHODS, finish=GO_ON, noise=None, **surface):
    return OptimizerRaceSpec(
        surface=SurfaceSpec(kind=kind, **surface),
        lanes=tuple(new_lane(method, colour) for colour, method in enumerate(methods)),
        finish=finish,
        noise=noise or NoiseSpec(),
    )


# The surfaces once more, written out by hand.
FUNCTIONS = {
    "bowl": lambda x, y: 5 * y**2 + 0.25 * x**2,
    "valley": lambda x, y: 5 * y**2 + 0.5 * torch.log1p((x - 3) ** 2),
    "beale": lambda x, y: (
        (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2
    ),
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    "saddle": lambda x, y: x * x - y * y + y**4 / 8,
    "monkey": lambda x, y: x**3 - 3 * x * y * y + (x * x + y * y) ** 2 / 2,
    "himmelblau": lambda x, y: (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2,
    "rastrigin": lambda x, y: (
        20 + x * x + y * y - 10 * (torch.cos(2 * torch.pi * x) + torch.cos(2 * torch.pi * y))
    ),
    "ackley": lambda x, y: (
        20
        + torch.e
        - 20 * torch.exp(-0.2 * torch.sqrt((x * x + y * y) / 2))
        - torch.exp((torch.cos(2 * torch.pi * x) + torch.cos(2 * torch.pi * y)) / 2)
    ),
    "camel": lambda x, y: (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (-4 + 4 * y**2) * y**2,
    "plateau": lambda x, y: -torch.expm1(-(x * x + y * y) / 2),
    "wells": lambda x, y: (x * x - 1) ** 2 + x / 4 + (y - x / 2) ** 2,
    "formula": lambda x, y: torch.sin(x) * torch.cos(y) + (x * x + y * y) / 10,
}
# Plain gradient steps on these are stable below 2/λ only; beyond it rounding errors grow.
STEEP = {"rosenbrock": 3e-4, "rastrigin": 1e-3, "himmelblau": 3e-3, "beale": 3e-3}


def torch_optimizer(lane, weight):
    o, h = torch.optim, lane.hyper
    decay = h.get("weight_decay", 0.0)
    adam = {"lr": lane.rate, "weight_decay": decay, "eps": h.get("eps")}
    adam["betas"] = (h.get("beta1"), h.get("beta2"))
    make = {
        "sgd": lambda: o.SGD([weight], lane.rate),
        "momentum": lambda: o.SGD([weight], lane.rate, momentum=h["momentum"]),
        "nesterov": lambda: o.SGD([weight], lane.rate, momentum=h["momentum"], nesterov=True),
        "rprop": lambda: o.Rprop([weight], lane.rate),
        "adagrad": lambda: o.Adagrad([weight], lane.rate),
        "rmsprop": lambda: o.RMSprop([weight], lane.rate),
        "adadelta": lambda: o.Adadelta([weight], lane.rate),
        "adam": lambda: o.Adam([weight], **adam),
        "nadam": lambda: o.NAdam([weight], **adam),
        "adamw": lambda: o.AdamW([weight], **adam),
        "amsgrad": lambda: o.Adam([weight], amsgrad=True, **adam),
        "radam": lambda: o.RAdam([weight], **adam),
        "lbfgs": lambda: o.LBFGS(
            [weight],
            lane.rate,
            max_iter=1,
            max_eval=25,
            history_size=10,
            line_search_fn="strong_wolfe",
        ),
    }
    return make[lane.method]()


def torch_path(lane, function, start, rounds):
    weight = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = torch_optimizer(lane, weight)

    def closure():
        optimizer.zero_grad()
        loss = function(weight[0], weight[1])
        loss.backward()
        return loss

    path = [weight.detach().numpy().copy()]
    for _ in range(rounds):
        optimizer.step(closure)
        path.append(weight.detach().numpy().copy())
    return np.array(path)


def trails(experiment):
    """Return per lane the recorded rows, as an array with the round in front."""
    rows = {}
    for record in experiment.drain_records():
        rows.setdefault(record.series, []).append((record.step, *record.values))
    return {name: np.array(values) for name, values in rows.items()}


@pytest.mark.parametrize("kind", list(SURFACE_LABELS))
def test_every_lane_is_a_plain_torch_loop(kind):
    rounds = 200
    spec = race(kind)
    if kind in STEEP:
        lanes = tuple(
            lane.model_copy(update={"rate": STEEP[kind] / (10 if lane.method != "sgd" else 1)})
            if lane.method in ("sgd", "momentum", "nesterov", "radam")
            else lane
            for lane in spec.lanes
        )
        spec = spec.model_copy(update={"lanes": lanes})
    experiment = OptimizerRaceExperiment(spec, 1)
    experiment.advance(rounds)
    found = trails(experiment)
    surface = experiment.surface
    function = FUNCTIONS.get(kind, lambda x, y: surface.function(x, y, torch))
    for index, lane in enumerate(spec.lanes):
        expected = torch_path(lane, function, surface.start, rounds)
        trail = found[lane_series(index)][:, 1:3]
        assert len(trail) == rounds + 1, lane.title
        np.testing.assert_allclose(trail, expected, rtol=0, atol=1e-6, err_msg=lane.title)


def run_to(spec, steps, seed=3):
    experiment = OptimizerRaceExperiment(spec, seed)
    experiment.advance(steps)
    return experiment


NOISY = race("neuron", noise=NoiseSpec(std=0.05, batch_size=16))


@pytest.mark.parametrize(
    "spec",
    [race("beale", finish=FinishSpec()), race("saddle"), NOISY],
    ids=["beale", "saddle", "noisy"],
)
def test_going_on_from_a_state_is_going_on(spec):
    experiment = run_to(spec, 90)
    state = experiment.state()
    experiment.drain_records()
    experiment.advance(60)
    straight, trail = experiment.snapshot(NO_VIEWS), trails(experiment)
    for other in (experiment, OptimizerRaceExperiment(spec, 3)):
        other.load_state(state)
        assert other.step_index == 90
        other.drain_records()
        other.advance(60)
        again = other.snapshot(NO_VIEWS)
        assert again.lanes == straight.lanes or all(
            str(left) == str(right) for left, right in zip(again.lanes, straight.lanes, strict=True)
        )
        for name, rows in trails(other).items():
            np.testing.assert_array_equal(rows, trail[name])


@given(st.lists(st.integers(0, 25), min_size=1, max_size=4))
@settings(max_examples=10)
def test_a_run_does_not_depend_on_how_it_is_cut(pieces):
    spec = race("himmelblau", methods=("sgd", "rprop", "adam"), finish=FinishSpec())
    whole = run_to(spec, sum(pieces))
    cut = OptimizerRaceExperiment(spec, 3)
    for piece in pieces:
        cut.advance(piece)
        cut.load_state(cut.state())
    assert [view.x for view in cut.snapshot(NO_VIEWS).lanes] == [
        view.x for view in whole.snapshot(NO_VIEWS).lanes
    ]


def test_a_lane_does_not_depend_on_who_else_runs():
    noise = NoiseSpec(std=0.3)
    together = run_to(race("beale", noise=noise), 100).snapshot(NO_VIEWS)
    for method in ("momentum", "adam", "lbfgs"):
        alone = run_to(race("beale", methods=(method,), noise=noise), 100).snapshot(NO_VIEWS)
        view = next(one for one in together.lanes if one.method == method)
        assert (alone.lanes[0].x, alone.lanes[0].y) == pytest.approx((view.x, view.y), abs=1e-9)


def test_noise_comes_from_its_own_seed_and_the_runs():
    def end(run_seed, noise_seed):
        spec = race("bowl", ("sgd",), noise=NoiseSpec(std=0.5, seed=noise_seed))
        return run_to(spec, 20, run_seed).snapshot(NO_VIEWS).lanes[0].x

    assert end(1, 1) == end(1, 1)
    assert len({end(1, 1), end(1, 2), end(2, 1)}) == 3


def test_mini_batches_add_noise_around_the_full_gradient():
    exact = run_to(race("neuron", ("sgd",)), 1).snapshot(NO_VIEWS).lanes[0].used_gradient
    drawn = [
        run_to(race("neuron", ("sgd",), noise=NoiseSpec(batch_size=8, seed=seed)), 1)
        .snapshot(NO_VIEWS).lanes[0].used_gradient
        for seed in range(40)
    ]  # fmt: skip
    assert len(set(drawn)) > 30
    spread = np.std(drawn, axis=0) / np.sqrt(len(drawn))
    assert (np.abs(np.mean(drawn, axis=0) - exact) < 5 * spread).all()


def test_a_knob_turned_on_the_way_counts_from_that_round():
    spec = race("bowl", ("sgd",))
    experiment = run_to(spec, 10)
    before = experiment.snapshot(NO_VIEWS).lanes[0]
    experiment.apply(SetValue(path=("lanes", 0, "rate"), value=0.05))
    assert experiment.snapshot(NO_VIEWS).lanes[0].x == before.x
    experiment.step()
    after = experiment.snapshot(NO_VIEWS).lanes[0]
    assert after.x == pytest.approx(before.x - 0.05 * before.gradient[0])
    assert after.rate == 0.05


def test_an_edit_and_its_inverse_leave_no_trace():
    spec = race("bowl", ("adam", "sgd"), finish=FinishSpec())
    plain, edited = run_to(spec, 20), run_to(spec, 20)
    edit = SetValue(path=("lanes", 0, "beta1"), value=0.5)
    back = edited.inverse(edit)
    edited.apply(edit)
    edited.apply(back)
    plain.advance(30)
    edited.advance(30)
    assert edited.snapshot(NO_VIEWS).lanes == plain.snapshot(NO_VIEWS).lanes


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("lanes", 0, "method"), "adam"),
        (("surface", "kind"), "bowl"),
        (("start",), (1.0, 1.0)),
        (("lanes", 0, "rate"), -1.0),
        (("lanes", 5, "rate"), 0.1),
        (("nonsense",), 0),
    ],
)
def test_what_is_not_live_or_not_allowed_is_refused_and_changes_nothing(path, value):
    experiment = run_to(race("beale", ("sgd",)), 5)
    spec, before = experiment.spec, experiment.snapshot(NO_VIEWS)
    with pytest.raises(EditError):
        experiment.apply(SetValue(path=path, value=value))
    assert experiment.spec is spec
    assert experiment.snapshot(NO_VIEWS).lanes == before.lanes


def test_schedules_change_the_rate_of_their_rounds():
    lane = LaneSpec(method="sgd", rate=0.1, schedule="step", schedule_rounds=5, schedule_factor=0.5)
    spec = OptimizerRaceSpec(surface=SurfaceSpec(kind="bowl"), lanes=(lane,), finish=GO_ON)
    experiment = run_to(spec, 12)
    rates = trails(experiment)[lane_series(0)][1:, 1 + SERIES_COLUMNS.index("rate")]
    np.testing.assert_allclose(rates, [0.1] * 5 + [0.05] * 5 + [0.025] * 2)


def test_reduce_on_plateau_waits_for_the_loss():
    lane = LaneSpec(method="sgd", rate=0.19, schedule="plateau", schedule_rounds=3)
    spec = OptimizerRaceSpec(
        surface=SurfaceSpec(kind="bowl", condition=1.0), lanes=(lane,), finish=GO_ON,
        noise=NoiseSpec(std=5.0),
    )  # fmt: skip
    experiment = run_to(spec, 120)
    rates = trails(experiment)[lane_series(0)][1:, 1 + SERIES_COLUMNS.index("rate")]
    assert rates[0] == 0.19
    assert rates[-1] < 0.05
    assert (np.diff(rates) <= 0).all()


def test_a_saddle_never_finishes_and_is_named():
    spec = with_start(race("saddle", ("sgd", "adam"), finish=FinishSpec(rounds=400)), -1.5, 0.0)
    experiment = run_to(spec, 400)
    snapshot = experiment.snapshot(NO_VIEWS)
    sgd = snapshot.lanes[0]
    assert sgd.standing is Standing.SADDLE
    assert "saddle" in sgd.words
    assert all(view.finished_round is None for view in snapshot.lanes)
    assert snapshot.status.progress is Progress.FINISHED
    assert "none has arrived" in snapshot.status.reason


def test_a_plateau_is_named_and_does_not_count_as_arrived():
    spec = with_start(race("plateau", ("sgd",), finish=FinishSpec()), 3.9, 3.9)
    view = run_to(spec, 50).snapshot(NO_VIEWS).lanes[0]
    assert view.standing is Standing.PLATEAU
    assert not view.resting


def test_too_large_a_rate_oscillates_and_a_larger_one_diverges():
    lanes = tuple(LaneSpec(method="sgd", rate=rate) for rate in (0.2, 1.0, 1e6, 0.05))
    spec = OptimizerRaceSpec(
        surface=SurfaceSpec(kind="bowl", condition=1.0), lanes=lanes, finish=FinishSpec(rounds=300)
    )
    experiment = run_to(spec, 300)
    views = experiment.snapshot(NO_VIEWS).lanes
    assert [view.standing for view in views] == [
        Standing.OSCILLATING, Standing.DIVERGED, Standing.DIVERGED, Standing.FINISHED,
    ]  # fmt: skip
    assert "2/λ = 0.2" in views[1].words
    assert f"round {views[1].diverged_round}" in views[1].words
    assert experiment.snapshot(NO_VIEWS).leaderboard == (3, 0, 1, 2)
    rows = trails(experiment)
    assert all(np.isfinite(values).all() for values in rows.values())


def test_when_all_have_diverged_the_run_says_so():
    spec = race("rosenbrock", ("sgd",), finish=FinishSpec())
    lanes = (spec.lanes[0].model_copy(update={"rate": 1.0}),)
    experiment = run_to(spec.model_copy(update={"lanes": lanes}), 100)
    assert experiment.status().progress is Progress.DIVERGED
    assert experiment.step_index < 100


def test_a_formula_without_a_value_at_the_start_is_a_status_and_no_exception():
    spec = with_start(race("formula", ("sgd", "lbfgs"), formula="log(x)"), -1.0, 0.0)
    experiment = OptimizerRaceExperiment(spec, 1)
    assert experiment.status().progress is Progress.DIVERGED
    view = experiment.snapshot(NO_VIEWS).lanes[0]
    assert view.diverged_round == 0
    assert "(-1, 0)" in view.words


@pytest.mark.parametrize(
    "formula",
    ["7", "x", "exp(x)", "1/x", "abs(x) + sqrt(abs(y))", "tan(x)*y", "max(x, y)**3", "sign(x)"],
)
def test_odd_formulas_run_without_exceptions(formula):
    experiment = run_to(race("formula", formula=formula, finish=FinishSpec()), 60)
    assert len(experiment.snapshot(NO_VIEWS).lanes) == len(ALL_METHODS)


def test_on_a_flat_surface_nothing_moves_and_nobody_arrives():
    # AdamW is left out: its weight decay needs no gradient.
    methods = tuple(method for method in ALL_METHODS if method != "adamw")
    experiment = run_to(race("formula", methods, formula="7", finish=FinishSpec()), 40)
    for view in experiment.snapshot(NO_VIEWS).lanes:
        assert view.step_size == 0.0
        assert view.standing is Standing.PLATEAU


def test_no_points_is_a_sentence():
    with pytest.raises(SpecError, match="points"):
        OptimizerRaceExperiment(race("neuron", preset="own"), 1)
    one_class = PointSet.of([[0.0, 1.0], [1.0, 0.0]], [1, 1])
    run_to(race("neuron", preset="own", points=one_class), 20)


def test_lanes_rest_at_the_finish_or_go_on_as_the_knob_says():
    spec = race("bowl", ("sgd", "momentum"), finish=FinishSpec(rounds=600), condition=2.0)
    experiment = run_to(spec, 500)
    assert experiment.status().progress is Progress.FINISHED
    arrived = experiment.snapshot(NO_VIEWS)
    assert all(view.resting for view in arrived.lanes)
    assert "All lanes have arrived" in arrived.status.reason
    experiment.apply(SetValue(path=("finish", "rest"), value=False))
    assert experiment.status().running
    experiment.advance(1000)
    assert experiment.step_index == 600
    for view, old in zip(experiment.snapshot(NO_VIEWS).lanes, arrived.lanes, strict=True):
        assert view.finished_round == old.finished_round
        assert view.distance <= old.distance


def test_the_leader_is_who_arrived_first_then_who_is_lowest():
    snapshot = run_to(race("beale", finish=FinishSpec()), 300).snapshot(NO_VIEWS)
    board = [snapshot.lane(index) for index in snapshot.leaderboard]
    assert [view.rank for view in board] == list(range(1, len(board) + 1))
    done = [view.finished_round for view in board if view.finished_round is not None]
    assert done == sorted(done)
    losses = [view.loss for view in board if not view.resting]
    assert losses == sorted(losses)
    assert snapshot.headline.startswith(board[0].title)


def test_a_minimum_that_is_not_the_lowest_is_called_so():
    for kind, words in (("ackley", "not the lowest"), ("rastrigin", "not the lowest")):
        view = run_to(race(kind, ("adam",), finish=FinishSpec()), 400).snapshot(NO_VIEWS).lanes[0]
        assert view.standing is Standing.FINISHED
        assert words in view.words
    view = run_to(race("bowl", ("adam",), finish=FinishSpec()), 400).snapshot(NO_VIEWS).lanes[0]
    assert view.words == f"Finished after {view.finished_round} rounds."


def test_a_cost_that_only_comes_near_its_infimum_can_be_won():
    view = (
        run_to(race("slow neuron", ("rprop",), finish=FinishSpec()), 60).snapshot(NO_VIEWS).lanes[0]
    )
    assert view.standing is Standing.FINISHED
    assert view.loss <= 1e-3
    assert np.isnan(view.distance)


def test_disabled_lanes_leave_no_series():
    spec = race("beale", ("sgd", "adam", "rprop"))
    lanes = (spec.lanes[0], spec.lanes[1].model_copy(update={"enabled": False}), spec.lanes[2])
    experiment = run_to(spec.model_copy(update={"lanes": lanes}), 3)
    assert [series.name for series in experiment.series] == ["lane/0", "lane/2"]
    assert set(trails(experiment)) == {"lane/0", "lane/2"}
    assert experiment.snapshot(NO_VIEWS).lane(1) is None


def test_the_record_of_a_lane_says_what_its_head_says():
    experiment = run_to(race("camel"), 25)
    rows = trails(experiment)
    for view in experiment.snapshot(NO_VIEWS).lanes:
        last = dict(zip(SERIES_COLUMNS, rows[lane_series(view.index)][-1][1:], strict=True))
        assert (last["x"], last["y"], last["loss"]) == (view.x, view.y, view.loss)
        assert last["gradient_norm"] == view.gradient_norm
        assert last["step_size"] == pytest.approx(view.step_size)
        assert last["evaluations"] == view.evaluations
        assert last["distance"] == view.distance
    evaluations = {view.method: view.evaluations for view in experiment.snapshot(NO_VIEWS).lanes}
    assert evaluations["adam"] == 25
    assert evaluations["lbfgs"] > 25


def test_nesterovs_weight_behind_follows_the_textbook():
    # θ ← θ − η·v with v ← μ·v + ∇f(θ − η·μ·v).
    spec = race("himmelblau", ("nesterov",))
    lane = spec.lanes[0].model_copy(update={"rate": 0.002})
    spec = spec.model_copy(update={"lanes": (lane,)})
    experiment = OptimizerRaceExperiment(spec, 1)
    theta, velocity = np.array(experiment.surface.start), np.zeros(2)
    for _ in range(30):
        ahead = theta - 0.002 * 0.9 * velocity
        gradient = calculus.slopes(experiment.surface.function, ahead[None])[1][0]
        velocity = 0.9 * velocity + gradient
        theta = theta - 0.002 * velocity
        experiment.step()
        view = experiment.snapshot(NO_VIEWS).lanes[0]
        np.testing.assert_allclose(view.look_ahead, theta, rtol=1e-9)


@pytest.mark.parametrize("variant", ["defaults", "decay", "uncorrected"])
def test_the_step_card_ends_where_the_lane_is(variant):
    change = {
        "defaults": {},
        "decay": {
            "weight_decay": 0.1, "adamw_decay": 0.1, "dampening": 0.2, "centred": True,
            "rms_momentum": 0.5, "rate_decay": 0.1, "initial_sum": 0.3,
        },
        "uncorrected": {"bias_correction": False},
    }[variant]  # fmt: skip
    spec = race("beale", noise=NoiseSpec(std=0.1))
    lanes = tuple(lane.model_copy(update=change) for lane in spec.lanes)
    experiment = OptimizerRaceExperiment(spec.model_copy(update={"lanes": lanes}), 1)
    views = frozenset(card_view(index) for index in range(len(lanes)))
    assert all(view.card == () for view in experiment.snapshot(views).lanes)
    for _ in range(12):
        experiment.step()
        snapshot = experiment.snapshot(views)
        for view in snapshot.lanes:
            last = view.card[-1]
            assert last.symbol == "w"
            np.testing.assert_allclose(last.values, (view.x, view.y), atol=1e-6, err_msg=view.title)
            assert all(term.numbers for term in view.card)


def test_the_step_card_works_after_a_seek():
    experiment = run_to(race("beale"), 20)
    views = frozenset({card_view(7), card_view(12)})
    wanted = [view.card for view in experiment.snapshot(views).lanes]
    state = experiment.state()
    experiment.advance(10)
    experiment.load_state(state)
    assert [view.card for view in experiment.snapshot(views).lanes] == wanted
    assert len(wanted[7]) > 5
    assert wanted[0] == ()


def test_the_card_of_l_bfgs_derives_its_direction_from_its_pairs():
    experiment = OptimizerRaceExperiment(race("himmelblau", ("lbfgs",)), 1)
    views = frozenset({card_view(0)})
    experiment.step()
    first = [term.symbol for term in experiment.snapshot(views).lanes[0].card]
    assert first == ["g", "d", "t", "w"]
    for _ in range(4):
        experiment.step()
        view = experiment.snapshot(views).lanes[0]
        terms = {term.symbol: np.array(term.values) for term in view.card}
        assert list(terms) == ["g", "s", "y", "γ", "d", "t", "w"]
        # The line that is computed from the pairs leads to where torch went.
        before = np.array([view.x, view.y]) - np.array(view.step)
        np.testing.assert_allclose(before + terms["t"] * terms["d"], (view.x, view.y), atol=1e-9)


def test_a_card_shows_the_numbers_of_the_step():
    experiment = run_to(with_start(race("bowl", ("momentum",)), -4.0, 2.0), 1)
    card = experiment.snapshot(frozenset({card_view(0)})).lanes[0].card
    assert [term.symbol for term in card] == ["g", "v", "w"]
    assert card[0].numbers == ("(−2)", "20") or card[0].numbers == ("−2", "20")
    assert card[-1].numbers == ("(−4) − 0.01·(−2) = −3.98", "2 − 0.01·20 = 1.8")


SCRIPTS = {
    "analytic": race("beale", finish=FinishSpec()),
    "formula": race("formula", ("adam", "lbfgs"), formula="max(x**2, y**2) + pi*abs(x)"),
    # Without L-BFGS: on noisy gradients it runs off, and rounding decides where to.
    "noisy samples": race(
        "mlp", ALL_METHODS[:-1], noise=NoiseSpec(std=0.02, batch_size=20), count=40
    ),
    "schedules": OptimizerRaceSpec(
        surface=SurfaceSpec(kind="himmelblau"),
        lanes=tuple(
            LaneSpec(
                name=f"“{kind}” 'lane'", method=method, rate=0.005, schedule=kind,
                schedule_rounds=20, schedule_floor=0.1, schedule_growth=2, bias_correction=False,
            )
            for kind, method in zip(
                ("step", "exponential", "cosine", "restarts", "warm-up", "plateau"),
                itertools.cycle(("momentum", "adam", "amsgrad", "adamw")),
            )
        ),
        finish=GO_ON,
    ),
}  # fmt: skip


def ends_of(output):
    """Return what a script printed: per lane its name and where it ended."""
    ends = []
    for line in output.splitlines():
        title, _, numbers = line.rpartition(": ")
        x, y, _ = (float(part.partition("=")[2]) for part in numbers.split(","))
        ends.append((title, pytest.approx(x, abs=1e-6), pytest.approx(y, abs=1e-6)))
    return ends


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_script_repeats_the_race(name, tmp_path, capsys):
    snapshot = run_to(SCRIPTS[name], 60, seed=5).snapshot(NO_VIEWS)
    path = tmp_path / "race.py"
    path.write_text(as_torch_script(snapshot, 5), encoding="utf-8")
    runpy.run_path(str(path))
    assert [(view.title, view.x, view.y) for view in snapshot.lanes] == ends_of(
        capsys.readouterr().out
    )


def test_the_script_needs_torch_alone(tmp_path):
    snapshot = run_to(race("bowl", ("adam", "lbfgs")), 5).snapshot(NO_VIEWS)
    path = tmp_path / "race.py"
    path.write_text(as_torch_script(snapshot, 5), encoding="utf-8")
    assert "playground" not in path.read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-X", "utf8", path],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert [(view.title, view.x, view.y) for view in snapshot.lanes] == ends_of(done.stdout)


def test_the_default_formula_is_one():
    assert parse(SurfaceSpec().formula).text == SurfaceSpec().formula
