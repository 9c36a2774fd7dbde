from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from playground.experiments.init import InitExperiment
from playground.experiments.init_measure import Measurement
from playground.experiments.init_spec import InitSpec
from playground.experiments.init_verdicts import flow_of, suited_scheme
from playground.experiments.spec import parse_assignments, replace_at

if TYPE_CHECKING:
    from playground.experiments.init_snapshot import InitVerdict

SMALL = ("data.inputs=100", "data.samples=200", "training.batch_size=200", "network.width=100")


def verdict_of(*assignments: str, steps: int = 0) -> tuple[InitVerdict, InitSpec]:
    spec = parse_assignments(InitSpec(), (*SMALL, *assignments))
    experiment = InitExperiment(spec, 0)
    experiment.advance(steps)
    return experiment.snapshot(frozenset()).verdict, spec


def repaired(verdict: InitVerdict, spec: InitSpec) -> InitVerdict:
    assert verdict.repair is not None
    mended = replace_at(spec, verdict.repair.path, verdict.repair.value)
    return InitExperiment(mended, 0).snapshot(frozenset()).verdict


def test_healthy_network_says_so_with_numbers():
    verdict, _ = verdict_of("network.activation=relu", "weights.scheme=he normal")
    assert verdict.tone == "ok"
    assert verdict.text.startswith("healthy: signals keep ")
    assert verdict.repair is None


def test_small_weights_vanish_and_the_repair_helps():
    verdict, spec = verdict_of(
        "network.activation=relu",
        "weights.scheme=normal",
        "weights.sigma=0.065",
        "network.depth=10",
    )
    assert verdict.tone == "warn"
    # Each layer keeps σ√(n/2) = 0.065·√50 = 0.46 of a signal, and as much of a gradient.
    assert "signals shrink by 0.4" in verdict.text
    assert "z of layer 10 has a standard deviation of 0.000" in verdict.text
    assert "at layer 1 they are " in verdict.text
    assert verdict.text.endswith("He initialisation suits ReLU.")
    assert verdict.repair == (("weights", "scheme"), "he normal", "use He normal")
    assert repaired(verdict, spec).tone == "ok"


def test_large_weights_explode_and_the_repair_helps():
    verdict, spec = verdict_of("network.activation=relu", "weights.scheme=standard normal")
    # √(n/2) = √50 = 7.07 a layer in theory; a hundred neurons come near it.
    assert "signals grow by 6.89 a layer" in verdict.text
    assert "times their size" in verdict.text
    assert repaired(verdict, spec).tone == "ok"


def test_saturated_tanh():
    verdict, spec = verdict_of("weights.scheme=standard normal", "data.inputs=400")
    assert "of the activations are saturated; gradients" in verdict.text
    assert verdict.text.endswith("Xavier initialisation suits tanh.")
    assert repaired(verdict, spec).tone == "ok"


@pytest.mark.parametrize(
    ("assignments", "said"),
    [
        (("weights.scheme=zeros",), "all weights are zero: the 100 neurons of a layer"),
        (("weights.scheme=normal", "weights.sigma=0"), "all weights are zero"),
        (("weights.gain=0",), "all weights are zero"),
        (("weights.scheme=constant",), "the 100 neurons of a layer are clones"),
    ],
)
def test_clones_are_told_and_mended(assignments, said):
    verdict, spec = verdict_of(*assignments)
    assert verdict.tone == "bad"
    assert verdict.text.startswith(said)
    assert repaired(verdict, spec).tone == "ok"


def test_random_biases_make_constant_weights_no_clones():
    verdict, _ = verdict_of("weights.scheme=constant", "biases.kind=random")
    assert "clones" not in verdict.text


def test_zeros_under_logistic_become_clones_once_the_output_has_learned():
    verdict, _ = verdict_of("weights.scheme=zeros", "network.activation=logistic", steps=3)
    assert "are clones" in verdict.text


def test_dead_neurons_by_a_bias():
    verdict, spec = verdict_of(
        "network.activation=relu",
        "weights.scheme=he normal",
        "biases.kind=constant",
        "biases.value=-6",
    )
    assert "are dead: 0 for all 200 samples" in verdict.text
    assert verdict.repair.path == ("biases", "kind")
    assert repaired(verdict, spec).tone == "ok"


def test_dying_relu_by_a_large_rate_blames_the_rate():
    verdict, _ = verdict_of(
        "network.activation=relu",
        "weights.scheme=he normal",
        "training.optimizer=adam",
        "training.rate=0.3",
        steps=30,
    )
    assert "are dead" in verdict.text
    assert verdict.repair == (("training", "rate"), 0.03, "use η = 0.03")
    assert "smaller learning rate than 0.3" in verdict.text


def test_overflow_is_mended_by_the_scheme_at_the_start_and_by_the_rate_later():
    verdict, spec = verdict_of(
        "network.activation=relu", "weights.scheme=normal", "weights.sigma=1e6", "network.depth=8"
    )
    assert verdict.text.startswith("z of ")
    assert "leaves the range of numbers" in verdict.text
    assert repaired(verdict, spec).tone == "ok"
    later, _ = verdict_of(
        "network.activation=relu",
        "weights.scheme=he normal",
        "training.rate=1000",
        "training.loss=mse",
        steps=50,
    )
    assert later.repair.path == ("training", "rate")


def test_logistic_is_told_to_become_tanh():
    verdict, spec = verdict_of("network.activation=logistic")
    assert "gradients shrink by 0.2" in verdict.text
    assert verdict.repair.value == "tanh"
    assert repaired(verdict, spec).tone == "ok"


def test_gain_is_the_first_suspect_under_the_right_scheme():
    verdict, spec = verdict_of(
        "network.activation=relu", "weights.scheme=he normal", "weights.gain=4"
    )
    assert verdict.repair == (("weights", "gain"), 1.0, "set the gain to 1")
    assert repaired(verdict, spec).tone == "ok"


def test_scale_is_no_advice_under_normalisation():
    verdict, _ = verdict_of(
        "network.activation=relu", "network.batch_norm=true", "network.depth=20"
    )
    assert verdict.text.startswith("gradients grow by 1.2")
    assert verdict.repair.path == ("network", "residual")


@pytest.mark.parametrize("depth", [1, 2])
def test_short_networks_have_a_verdict(depth):
    for scheme in ("zeros", "normal", "standard normal", "xavier normal"):
        verdict, _ = verdict_of(f"network.depth={depth}", f"weights.scheme={scheme}")
        assert verdict.text[0].islower() or verdict.text[0].isdigit()
        assert "nan" not in verdict.text


def test_flow_is_the_geometric_mean_of_the_factors():
    z = ((0.0, 8.0), (0.0, 4.0), (0.0, 2.0), (0.0, 99.0))
    dz = ((0.0, 0.03), (0.0, 0.01), (0.0, 0.3), (0.0, 99.0))
    nothing = (float("nan"),) * 3
    flow = flow_of(Measurement(z, z[:3], dz[:3], dz, nothing, nothing))
    assert flow.signal == pytest.approx(0.5)
    assert flow.gradient == pytest.approx(0.1**0.5)
    assert flow.whole_gradient == pytest.approx(0.1)
    assert flow.last_z == 2.0


@pytest.mark.parametrize("name", ["tanh", "relu", "leaky relu", "elu", "gelu", "selu", "linear"])
def test_suited_scheme_is_healthy(name):
    spec = parse_assignments(InitSpec(), (*SMALL, f"network.activation={name}"))
    verdict, _ = verdict_of(f"network.activation={name}", f"weights.scheme={suited_scheme(spec)}")
    assert verdict.tone == "ok", verdict
