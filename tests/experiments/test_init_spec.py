from __future__ import annotations

import subprocess
import sys

import pytest

from playground.experiments.init_network_spec import layer_widths
from playground.experiments.init_spec import InitSpec, TrainingSpec
from playground.experiments.spec import (
    SpecError,
    describe,
    parse_assignments,
    replace_at,
    validate,
)


def spec_with(*assignments: str) -> InitSpec:
    return parse_assignments(InitSpec(), assignments)


def test_default_is_the_network_of_the_course():
    spec = InitSpec()
    assert spec.sizes == (784, 500, 500, 500, 500, 500, 10)
    assert spec.parameters == 784 * 500 + 500 + 4 * (500 * 500 + 500) + 500 * 10 + 10
    assert spec.batch_size == 1000
    assert spec.batches == 5
    assert spec.title == "Xavier normal · tanh · 784-500×5-10"


def test_spec_is_light():
    code = (
        "import sys; import playground.experiments.init_spec, playground.experiments.init_snapshot;"
        "heavy = {'torch', 'sklearn', 'scipy'} & set(sys.modules); assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_field_has_a_name_a_help_and_a_group():
    for field in describe(InitSpec):
        assert field.knob.label
        assert field.knob.help
        assert field.knob.group


def test_only_rate_momentum_and_end_are_live():
    live = {field.path[-1] for field in describe(InitSpec) if field.knob.live}
    assert live == {"rate", "momentum", "steps"}


def test_spec_survives_its_file():
    spec = spec_with("network.widths=20-10", "weights.scheme=uniform", "data.source=sparse")
    assert validate(InitSpec, spec.model_dump(mode="json")) == spec


def test_widths_of_their_own_bring_the_depth():
    spec = spec_with("network.widths=300, 100 50")
    assert spec.network.depth == 3
    assert spec.network.widths == "300-100-50"
    assert spec.sizes == (784, 300, 100, 50, 10)
    assert spec.title.endswith("784-300-100-50-10")
    alike = replace_at(spec, ("network", "width"), 40)
    assert alike.network.hidden == (40, 40, 40)
    assert replace_at(spec, ("network", "depth"), 2).network.hidden == (500, 500)


@pytest.mark.parametrize("text", ["3", "10-2000", "ten", "5--x", "10-" * 31 + "10", "-", "1e2"])
def test_other_widths_are_refused_with_a_sentence(text):
    with pytest.raises(SpecError, match="Widths must be 1 to 30 numbers from 4 to 1000"):
        replace_at(InitSpec(), ("network", "widths"), text)


def test_blank_widths_are_none():
    assert layer_widths("  ") == ()


def test_file_with_another_number_of_widths_is_refused():
    with pytest.raises(SpecError, match="2 widths for 5 hidden layers"):
        validate(InitSpec, {"network": {"depth": 5, "widths": "10-20"}})


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("network.depth=31", "hidden layers must be at most 30"),
        ("network.width=3", "neurons per layer must be at least 4"),
        ("network.activation=sine", "activation must be one of"),
        ("weights.sigma=-1", "σ must be at least 0"),
        ("weights.sigma=1e7", "σ must be at most 1000000"),
        ("weights.sigma=NaN", "σ must be a finite number"),
        ("training.batch_size=0", "batch size must be at least 1"),
        ("training.momentum=1", "momentum must be less than 1"),
        ("data.samples=5", "training samples must be at least 10"),
    ],
)
def test_numbers_out_of_range_are_refused_with_a_sentence(assignment, said):
    with pytest.raises(SpecError, match=said):
        spec_with(assignment)


def test_batch_of_one_cannot_be_normalised():
    with pytest.raises(SpecError, match="Batch normalisation needs at least 2 samples"):
        spec_with("training.batch_size=1", "network.batch_norm=true")
    with pytest.raises(SpecError, match="Batch normalisation needs at least 2 samples"):
        spec_with("network.batch_norm=true", "training.batch_size=1")


def test_bright_pixels_fit_into_the_inputs():
    assert spec_with("data.inputs=30", "data.source=sparse").data.bright == 30
    with pytest.raises(SpecError, match="at most 784 can be bright"):
        spec_with("data.source=sparse", "data.bright=785")


def test_optimizer_brings_its_usual_rate():
    assert spec_with("training.optimizer=adam").training.rate == 1e-3
    assert TrainingSpec().rate == 0.1


def test_batch_is_never_larger_than_the_data():
    spec = spec_with("data.source=digits", "training.batch_size=9999")
    assert (spec.batch_size, spec.batches) == (1437, 1)


def test_memory_grows_with_layers_batch_and_optimizer():
    sizes = [
        spec_with(*assignments).memory_bytes
        for assignments in (
            (),
            ("network.batch_norm=true",),
            ("network.batch_norm=true", "training.optimizer=adam"),
            ("network.batch_norm=true", "training.optimizer=adam", "network.depth=20"),
        )
    ]
    assert sizes == sorted(set(sizes))
    # 1.4 million weights with gradients, a thousand samples through 2,510 neurons four times, data.
    numbers = 2 * 1_399_510 + 1000 * (784 + 4 * 2510) + 784 * 6000 + 2 * 784 * 1000
    assert sizes[0] == 4 * numbers
