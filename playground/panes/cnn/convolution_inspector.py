"""The panel at the right of the laboratory: the form made from the spec, then live numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from playground.experiments.convolution_spec import ConvolutionSpec
from playground.experiments.spec import describe
from playground.ui.grid_view import short_number
from playground.ui.spec_inspector import SpecInspector

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from playground.experiments.convolution_snapshot import ConvolutionSnapshot
    from playground.experiments.spec import Spec
    from playground.ui.channel import ChannelClient

ROWS: Final = (
    ("input", "input", "Channels, width and height of the picture."),
    ("output", "result", "Width and height of the result."),
    ("range", "range of the result", "Lowest and highest number."),
    ("clipped", "outside the colours", "Share of numbers beyond the first and the last colour."),
    ("sum", "Σ of the kernel", "1 keeps the brightness, 0 answers to differences only."),
    ("rank", "rank of the kernel", "1: it can be separated into a column and a row."),
    ("shared", "shared weights", "Of this kernel, for all windows together."),
    ("full", "fully connected", "Weights of a fully connected layer in its place."),
)
ON_STAGE: Final = ("kernel_green", "kernel_blue")
"""Kernels that only the stage edits."""
OF_PICTURES: Final = frozenset({"image", "kernel", "channels"})
OF_SIGNALS: Final = frozenset({"signal_kernel"})
FOLDED: Final = ("Second kernel",)


class ConvolutionInspector(SpecInspector):
    """Groups Picture, Kernel, Convolution, Pooling, then Numbers."""

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        left_out = [field.path for field in describe(ConvolutionSpec) if field.path[0] in ON_STAGE]
        super().__init__(channel, ConvolutionSpec, ROWS, number_texts, parent, leave_out=left_out)
        self.form.set_folded(FOLDED)

    @override
    def show_spec(self, spec: Spec) -> None:
        """Show a spec without emitting; what the other kind of input needs is hidden."""
        if spec is not self.shown and isinstance(spec, ConvolutionSpec):
            super().show_spec(spec)
            self._hide_foreign(spec)

    def _hide_foreign(self, spec: ConvolutionSpec) -> None:
        foreign = OF_PICTURES if spec.is_signal else OF_SIGNALS
        groups = set()
        for field in describe(ConvolutionSpec):
            if field.path[0] not in OF_PICTURES | OF_SIGNALS:
                continue
            try:
                row = self.form.row(field.path)
            except KeyError:
                continue
            groups.add(field.knob.group)
            if field.path[0] in foreign:
                row.setVisible(False)
            elif field.knob.shown_when is None:
                row.setVisible(True)
        for title in groups:
            self.form.group(title).refresh()


def number_texts(snapshot: ConvolutionSnapshot) -> dict[str, str]:
    """Return the live numbers as words, by the key of their row."""
    channels = len(snapshot.picture.values)
    height, width = snapshot.picture.shape
    depth = f"{channels} × " if channels > 1 else ""
    texts = dict.fromkeys((key for key, _, _ in ROWS), "–")
    texts["input"] = f"{width}" if snapshot.spec.is_signal else f"{depth}{width} × {height}"
    texts["sum"] = short_number(float(snapshot.spec.active_kernel.array.sum()), 4)
    texts["rank"] = f"{snapshot.separation.rank}"
    result = snapshot.result
    if result is None:
        return texts
    drawn = result.pooled or result.activated
    rows, cols = drawn.shape
    low, high = float(drawn.values.min()), float(drawn.values.max())
    texts["output"] = f"{cols}" if snapshot.spec.is_signal else f"{cols} × {rows}"
    texts["range"] = f"{short_number(low)} … {short_number(high)}"
    texts["clipped"] = f"{100 * drawn.clipped:.2g} %"
    texts["shared"] = f"{result.counts.shared:,}"
    texts["full"] = f"{result.counts.full:,}"
    return texts
