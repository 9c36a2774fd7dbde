from __future__ import annotations

import subprocess
import sys

import pytest

from playground.experiments.convolution_spec import (
    ConvolutionSpec,
    PoolingSpec,
    parse_signal,
)
from playground.experiments.spec import (
    SpecError,
    describe,
    field_at,
    parse_assignments,
    replace_at,
    validate,
)


def test_spec_is_light():
    code = (
        "import sys; import playground.experiments.convolution;"
        "heavy = {'torch', 'sklearn', 'scipy', 'PIL'} & set(sys.modules); assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_knob_is_live_and_explained():
    for field in describe(ConvolutionSpec):
        assert field.knob.live
        assert field.knob.label
        assert field.knob.help
        assert field.knob.group


def test_spec_survives_its_file():
    spec = parse_assignments(
        ConvolutionSpec(), ["kernel.preset=gaussian", "kernel.rows=4", "image.kind=noise"]
    )
    assert validate(ConvolutionSpec, spec.model_dump(mode="json")) == spec


def test_layers_of_the_stack_are_reached_by_their_place():
    spec = replace_at(ConvolutionSpec(), ("stack", 1, "stride"), 2)
    assert [layer.stride for layer in spec.stack] == [1, 2, 1]
    assert field_at(ConvolutionSpec, ("stack", 1, "stride")).knob.live


def test_kernel_in_use_follows_the_mode():
    spec = ConvolutionSpec()
    assert (spec.kernel_path, spec.active_kernel) == (("kernel",), spec.kernel)
    assert spec.title == "Sobel x 3×3 · photograph: temple"
    line = replace_at(spec, ("mode",), "1-D")
    assert (line.kernel_path, line.active_kernel) == (("signal_kernel",), spec.signal_kernel)
    assert line.title == "box 1×3 · signal"


def test_border_keeps_the_size_or_is_as_wide_as_asked():
    assert ConvolutionSpec().border_width is None
    assert ConvolutionSpec(padding_mode="own", padding=4).border_width == 4


def test_signals_are_read_with_any_usual_separator():
    assert parse_signal(" 1, 2;3\t-4\n−5 1e2 ").tolist() == [1, 2, 3, -4, -5, 100]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "A signal has 1 to 256 numbers (got 0)."),
        (" , ", "A signal has 1 to 256 numbers (got 0)."),
        ("1 " * 257, "A signal has 1 to 256 numbers (got 257)."),
        ("1 two 3", "“two” is not a number of the signal: −1,000,000 to 1,000,000 are allowed."),
        ("1 nan", "“nan” is not a number of the signal: −1,000,000 to 1,000,000 are allowed."),
        ("inf", "“inf” is not a number of the signal: −1,000,000 to 1,000,000 are allowed."),
        ("1 -2e6", "“-2e6” is not a number of the signal: −1,000,000 to 1,000,000 are allowed."),
    ],
)
def test_bad_signals_say_what_is_wrong(text, sentence):
    with pytest.raises(SpecError) as raised:
        replace_at(ConvolutionSpec(), ("signal",), text)
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("stride",), 5),
        (("dilation",), 0),
        (("bias",), float("inf")),
        (("padding",), 65),
        (("stack",), []),
        (("stack", 3, "size"), 3),
        (("border",), "mirror"),
    ],
)
def test_bad_values_are_refused(path, value):
    with pytest.raises(SpecError):
        replace_at(ConvolutionSpec(), path, value)


def test_usual_pooling_halves():
    assert (PoolingSpec().kind, PoolingSpec().size, PoolingSpec().stride) == ("none", 2, 2)
