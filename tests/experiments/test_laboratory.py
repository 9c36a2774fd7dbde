from __future__ import annotations

import json

import numpy as np
import pytest

from playground.experiments.base import Edit, EditError, SetValue
from playground.experiments.convolution import ConvolutionExperiment
from playground.experiments.convolution_spec import ConvolutionSpec, ImageSpec, KernelSpec

SPEC = ConvolutionSpec(
    image=ImageSpec(kind="noise", size=9), kernel=KernelSpec.own(np.arange(6.0).reshape(2, 3))
)


def edited(experiment: ConvolutionExperiment, path: tuple, value: object) -> Edit:
    """Apply an edit and return the one that undoes it, both as they come out of a run file."""
    edit = SetValue.model_validate(json.loads(SetValue(path=path, value=value).model_dump_json()))
    inverse = experiment.inverse(edit)
    assert inverse is not None
    experiment.apply(edit)
    return SetValue.model_validate(json.loads(inverse.model_dump_json()))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("kernel", "preset"), "gaussian"),
        (("kernel", "rows"), 5),
        (("kernel",), KernelSpec.of("sobel y").model_dump(mode="json")),
        (("image", "kind"), "impulse"),
        (("image", "own"), "1x1x1:eJxjAAAAAQAB"),
        (("stride",), 3),
        (("stack", 1, "size"), 7),
        (("stack",), [{"size": 5}]),
        (("pooling", "kind"), "max"),
    ],
)
def test_undo_puts_back_what_a_change_brought_along(path, value):
    experiment = ConvolutionExperiment(SPEC, 0)
    inverse = edited(experiment, path, value)
    assert experiment.spec != SPEC
    redo = edited(experiment, inverse.path, inverse.value)
    assert experiment.spec == SPEC
    edited(experiment, redo.path, redo.value)
    assert experiment.spec != SPEC


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), {}),
        (("fog",), 1),
        (("kernel", "fog"), 1),
        (("stack", 9, "size"), 3),
        (("kernel",), {"preset": "fog"}),
        (("kernel", "values"), [[float("nan")]]),
        (("image", "kind"), "own"),
    ],
)
def test_refused_edits_change_nothing(path, value):
    experiment = ConvolutionExperiment(SPEC, 0)
    with pytest.raises(EditError):
        experiment.apply(SetValue(path=path, value=value))
    assert experiment.spec is SPEC


def test_other_edits_are_refused():
    experiment = ConvolutionExperiment(SPEC, 0)
    edit = Edit(type="paint")
    assert experiment.inverse(edit) is None
    with pytest.raises(EditError, match="This experiment cannot paint"):
        experiment.apply(edit)
