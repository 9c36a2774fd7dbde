"""Every rule against torch.optim: many runs at once, against one torch optimizer each."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from playground.core import lbfgs, optimizers

ROUNDS = 60

CASES = {
    "sgd": [{"weight_decay": 0.0}, {"weight_decay": 0.1}],
    "momentum": [
        {"momentum": 0.9, "dampening": 0.0, "weight_decay": 0.0},
        {"momentum": 0.5, "dampening": 0.3, "weight_decay": 0.05},
    ],
    "nesterov": [
        {"momentum": 0.9, "weight_decay": 0.0},
        {"momentum": 0.6, "weight_decay": 0.05},
    ],
    "rprop": [
        {"eta_minus": 0.5, "eta_plus": 1.2, "step_min": 1e-6, "step_max": 50.0},
        {"eta_minus": 0.3, "eta_plus": 1.5, "step_min": 1e-3, "step_max": 0.05},
    ],
    "adagrad": [
        {"rate_decay": 0.0, "eps": 1e-10, "initial_sum": 0.0, "weight_decay": 0.0},
        {"rate_decay": 0.01, "eps": 1e-6, "initial_sum": 0.5, "weight_decay": 0.1},
    ],
    "rmsprop": [
        {"alpha": 0.99, "eps": 1e-8, "momentum": 0.0, "centred": False, "weight_decay": 0.0},
        {"alpha": 0.9, "eps": 1e-6, "momentum": 0.5, "centred": True, "weight_decay": 0.1},
        {"alpha": 0.9, "eps": 1e-6, "momentum": 0.5, "centred": False, "weight_decay": 0.0},
    ],
    "adadelta": [
        {"rho": 0.9, "eps": 1e-6, "weight_decay": 0.0},
        {"rho": 0.7, "eps": 1e-3, "weight_decay": 0.1},
    ],
    **{
        method: [
            {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0, **more},
            {"beta1": 0.5, "beta2": 0.9, "eps": 1e-4, "weight_decay": 0.1, **more},
        ]
        for method, more in (
            ("adam", {"bias_correction": True}),
            ("adamw", {"bias_correction": True}),
            ("amsgrad", {"bias_correction": True}),
            ("nadam", {"momentum_decay": 0.004}),
            ("radam", {}),
        )
    },
}


def torch_optimizer(method, hyper, rate, parameter):
    """Return the torch optimizer that a method with its numbers means."""
    o = torch.optim
    decay = hyper.get("weight_decay", 0.0)
    betas = (hyper.get("beta1"), hyper.get("beta2"))
    common = {"lr": rate, "betas": betas, "eps": hyper.get("eps"), "weight_decay": decay}
    match method:
        case "sgd":
            return o.SGD([parameter], lr=rate, weight_decay=decay)
        case "momentum":
            return o.SGD(
                [parameter],
                lr=rate,
                momentum=hyper["momentum"],
                dampening=hyper["dampening"],
                weight_decay=decay,
            )
        case "nesterov":
            return o.SGD(
                [parameter], lr=rate, momentum=hyper["momentum"], nesterov=True, weight_decay=decay
            )
        case "rprop":
            return o.Rprop(
                [parameter],
                lr=rate,
                etas=(hyper["eta_minus"], hyper["eta_plus"]),
                step_sizes=(hyper["step_min"], hyper["step_max"]),
            )
        case "adagrad":
            return o.Adagrad(
                [parameter],
                lr=rate,
                lr_decay=hyper["rate_decay"],
                eps=hyper["eps"],
                initial_accumulator_value=hyper["initial_sum"],
                weight_decay=decay,
            )
        case "rmsprop":
            return o.RMSprop(
                [parameter],
                lr=rate,
                alpha=hyper["alpha"],
                eps=hyper["eps"],
                momentum=hyper["momentum"],
                centered=bool(hyper["centred"]),
                weight_decay=decay,
            )
        case "adadelta":
            return o.Adadelta(
                [parameter], lr=rate, rho=hyper["rho"], eps=hyper["eps"], weight_decay=decay
            )
        case "adam":
            return o.Adam([parameter], **common)
        case "adamw":
            return o.AdamW([parameter], **common)
        case "amsgrad":
            return o.Adam([parameter], amsgrad=True, **common)
        case "nadam":
            return o.NAdam([parameter], momentum_decay=hyper["momentum_decay"], **common)
        case "radam":
            return o.RAdam([parameter], **common)
        case "lbfgs":
            return o.LBFGS(
                [parameter],
                lr=rate,
                max_iter=hyper["iterations"],
                max_eval=25 * hyper["iterations"],
                history_size=hyper["history"],
                line_search_fn="strong_wolfe" if hyper["line_search"] else None,
            )
    raise AssertionError(method)


@pytest.mark.parametrize("method", CASES)
def test_a_batch_of_runs_takes_the_steps_of_torch(method):
    rng = np.random.default_rng(7)
    numbers = CASES[method]
    count = len(numbers)
    rates = rng.uniform(0.005, 0.05, (count, 1))
    gradients = rng.normal(0.0, 1.0, (ROUNDS, count, 2))
    start = rng.normal(0.0, 1.0, (count, 2))

    hyper = optimizers.columns(numbers)
    state = optimizers.first_state(method, hyper, count)
    position, path = start, []
    for gradient in gradients:
        position, state = optimizers.moved(method, state, hyper, rates, position, gradient)
        path.append(position)

    for run in range(count):
        weight = torch.tensor(start[run], requires_grad=True)
        optimizer = torch_optimizer(method, numbers[run], float(rates[run, 0]), weight)
        for k in range(ROUNDS):
            weight.grad = torch.tensor(gradients[k, run])
            optimizer.step()
            np.testing.assert_allclose(path[k][run], weight.detach().numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("method", CASES)
def test_a_step_leaves_its_inputs_alone(method):
    hyper = optimizers.columns(CASES[method])
    count = len(CASES[method])
    rate = np.full((count, 1), 0.1)
    position, gradient = np.ones((count, 2)), np.full((count, 2), 0.5)
    first = optimizers.first_state(method, hyper, count)
    second = optimizers.moved(method, first, hyper, rate, position, gradient).state
    kept = {slot: values.copy() for slot, values in second.items()}
    optimizers.moved(method, second, hyper, rate, position, gradient)
    assert all(np.array_equal(second[slot], kept[slot]) for slot in kept)
    assert np.array_equal(position, np.ones((count, 2)))
    assert np.array_equal(gradient, np.full((count, 2), 0.5))


def test_without_bias_correction_adams_first_step_is_as_long_as_the_formula_says():
    numbers = {
        "beta1": 0.9,
        "beta2": 0.999,
        "eps": 1e-12,
        "weight_decay": 0.0,
        "bias_correction": False,
    }
    hyper = optimizers.columns([numbers])
    state = optimizers.first_state("adam", hyper, 1)
    moved = optimizers.moved(
        "adam", state, hyper, np.full((1, 1), 0.01), np.zeros((1, 2)), np.array([[2.0, -5.0]])
    )
    expected = 0.01 * (1 - 0.9) / np.sqrt(1 - 0.999)
    np.testing.assert_allclose(moved.position, [[-expected, expected]], rtol=1e-9)


def rosenbrock(x, y, xp):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


@pytest.mark.parametrize("line_search", [True, False])
@pytest.mark.parametrize("iterations", [1, 3])
def test_l_bfgs_goes_on_from_its_memory_as_one_torch_optimizer_would(line_search, iterations):
    hyper = {"history": 5, "iterations": iterations, "line_search": line_search}
    rate = 1.0 if line_search else 0.2
    weight = torch.tensor([-1.2, 1.0], dtype=torch.float64, requires_grad=True)
    reference = torch_optimizer("lbfgs", hyper, rate, weight)

    calls = 0

    def closure():
        nonlocal calls
        calls += 1
        reference.zero_grad()
        loss = rosenbrock(weight[0], weight[1], torch)
        loss.backward()
        return loss

    position, memory = np.array([-1.2, 1.0]), lbfgs.Memory()
    for _ in range(15):
        reference.step(closure)
        done = lbfgs.step(rosenbrock, np.zeros(2), position, memory, rate, hyper)
        position, memory = done.position, done.memory
        np.testing.assert_allclose(position, weight.detach().numpy(), rtol=1e-9, atol=1e-9)
        assert done.evaluations == calls
        calls = 0


def test_l_bfgs_descends_in_every_round_of_its_line_search():
    hyper = {"history": 10, "iterations": 1, "line_search": True}
    position, memory = np.array([-1.2, 1.0]), lbfgs.Memory()
    values = []
    for _ in range(40):
        done = lbfgs.step(rosenbrock, np.zeros(2), position, memory, 1.0, hyper)
        position, memory = done.position, done.memory
        values.append(rosenbrock(*position, np))
    # torch stops moving where the gradient or the gain is below its tolerances.
    falling = [value for value in values if value > 1e-9]
    assert len(falling) > 15
    assert (np.diff(falling) < 0).all()
    np.testing.assert_allclose(position, [1.0, 1.0], atol=1e-5)


def test_l_bfgs_feels_the_noise_as_a_slope():
    def flat(x, y, xp):
        return 0.0 * x + 3.0

    done = lbfgs.step(
        flat,
        np.array([0.5, 0.0]),
        np.zeros(2),
        lbfgs.Memory(),
        1.0,
        {"history": 3, "iterations": 1, "line_search": False},
    )
    np.testing.assert_allclose(done.position, [-0.5, 0.0])


@pytest.mark.parametrize("line_search", [False, True])
def test_lbfgs_rests_at_rate_zero_and_goes_on_from_the_same_memory(line_search):
    hyper = {"history": 5, "iterations": 2, "line_search": line_search}
    start = np.array([-1.2, 1.0])
    first = lbfgs.step(rosenbrock, np.zeros(2), start, lbfgs.Memory(), 0.1, hyper)
    rest = lbfgs.step(rosenbrock, np.zeros(2), first.position, first.memory, 0.0, hyper)
    assert np.array_equal(rest.position, first.position)
    assert (rest.memory, rest.evaluations) == (first.memory, 0)
