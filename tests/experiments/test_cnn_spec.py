from __future__ import annotations

import json
import subprocess
import sys

import pytest

from playground.experiments.cnn_block_spec import (
    ARCHITECTURES,
    batch_norm,
    connected,
    conv,
    course_cnn,
    course_mlp,
    pool,
)
from playground.experiments.cnn_spec import CnnSpec, memory_bytes, toggled, with_blocks
from playground.experiments.spec import (
    SpecError,
    describe,
    parse_assignments,
    replace_at,
    validate,
)


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("kind", ["digits", "mnist"])
def test_every_preset_of_architecture_fits_both_sizes(name, kind):
    spec = with_blocks(parse_assignments(CnnSpec(), [f"data.kind={kind}"]), ARCHITECTURES[name]())
    assert spec.shapes()[-1].shape == (10,)
    assert validate(CnnSpec, json.loads(spec.model_dump_json())) == spec


def test_titles():
    assert CnnSpec().title == "CNN 16-32 · Adam · digits 8×8"
    assert with_blocks(CnnSpec(), course_mlp()).title == "MLP 50 · Adam · digits 8×8"
    assert with_blocks(CnnSpec(), ()).title == "linear · Adam · digits 8×8"
    assert with_blocks(CnnSpec(), (conv(4), connected(9))).title.startswith("CNN 4, FC 9 ·")
    assert with_blocks(CnnSpec(), course_cnn()).architecture == (
        "conv 3×3×8 · ReLU · max pool 2 · conv 3×3×16 · ReLU · max pool 2 · output"
    )


def test_a_stack_that_shrinks_to_nothing_is_refused_at_its_block():
    with pytest.raises(SpecError, match=r"Block 4, max pool 2: nothing is left of 1 × 1"):
        with_blocks(CnnSpec(), (pool(), pool(), pool(), pool()))
    with pytest.raises(SpecError, match=r"Block 1, conv 3×3×16: nothing is left"):
        parse_assignments(CnnSpec(), ["blocks.0.padding=0", "blocks.0.dilation=4"])


def test_normalisation_needs_two_images():
    spec = with_blocks(CnnSpec(), (conv(2), batch_norm()))
    with pytest.raises(SpecError, match="at least 2 images in a batch"):
        parse_assignments(spec, ["training.batch_size=1"])


def test_too_large_a_network_is_refused_with_the_estimate():
    spec = parse_assignments(CnnSpec(), ["data.kind=folder", "data.side=128"])
    with pytest.raises(SpecError, match=r"would take about \d"):
        with_blocks(spec, (conv(256), connected(2048)))
    small = CnnSpec()
    assert memory_bytes(small, small.shapes()) < 10 * 2**20


def test_knocked_out_filters_must_exist():
    spec = replace_at(CnnSpec(), ("knocked_out",), [[0, 3], [2, 31]])
    assert spec.knocked_out == ((0, 3), (2, 31))
    assert toggled(spec, 0, 3) == ((2, 31),)
    assert toggled(spec, 0, 1) == ((0, 1), (0, 3), (2, 31))
    assert with_blocks(spec, course_mlp()).knocked_out == ()
    with pytest.raises(SpecError, match=r"Block 2 has no filters"):
        replace_at(CnnSpec(), ("knocked_out",), [[1, 0]])
    with pytest.raises(SpecError, match=r"has no filter 17: it has 16"):
        replace_at(CnnSpec(), ("knocked_out",), [[0, 16]])


def test_optimizer_brings_its_rate():
    assert replace_at(CnnSpec(), ("training", "optimizer"), "sgd").training.rate == 0.1


def test_what_may_change_while_it_trains():
    live = {field.path for field in describe(CnnSpec) if field.knob.live}
    assert {("training", name) for name in ("rate", "batch_size", "epochs", "weight_decay")} < live
    assert ("augment", "rotation") in live
    assert ("knocked_out",) in live
    assert ("blocks",) not in live


def test_forms_and_jobs_do_not_import_torch():
    code = (
        "import sys\n"
        "import playground.experiments.cnn_spec, playground.experiments.cnn_snapshot\n"
        "import playground.experiments.cnn_explain, playground.experiments.cnn_studies\n"
        "import playground.experiments.cnn_edits\n"
        "sys.exit(any(name in sys.modules for name in ('torch', 'sklearn', 'scipy')))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
