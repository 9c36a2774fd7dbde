"""What is written on the blocks of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playground.core.activations import ACTIVATION_LABELS
from playground.core.layer_shapes import BLOCK_LABELS
from playground.experiments.cnn_data_spec import KIND_LABELS
from playground.panes.cnn.network_block_tile import BlockWords

if TYPE_CHECKING:
    from playground.core.layer_shapes import BlockKind, LayerShape
    from playground.experiments.cnn_block_spec import BlockSpec
    from playground.experiments.cnn_spec import CnnSpec

FACT_LABELS: Final = ("shape", "parameters", "sees")
NONE = "–"
KIND_HELP: Final[dict[BlockKind, str]] = {
    "conv": "Filters that slide over the image, each looking for one pattern everywhere.",
    "activation": "Bends every number; without it, layers with weights fold into one.",
    "pool": "Lets one number stand for a window: smaller, and less particular about places.",
    "dropout": "Sets random numbers to zero while training, against learning by heart.",
    "batch norm": "Gives every channel the same spread over the batch.",
    "fully connected": "Neurons that see everything below; the image ends here.",
}
_COLOUR_KINDS: Final[dict[BlockKind, str]] = {
    "conv": "conv",
    "activation": "activation",
    "pool": "pool",
    "dropout": "dropout",
    "batch norm": "norm",
    "fully connected": "linear",
}


def words_for(spec: CnnSpec, shapes: tuple[LayerShape, ...]) -> tuple[BlockWords, ...]:
    """Return the words of the image, every block and the output."""
    image, *inner, output = shapes
    count = spec.data.training_count
    first = BlockWords(
        "input",
        "images" if spec.data.kind == "folder" else KIND_LABELS[spec.data.kind].split()[0],
        "input",
        facts_of(image),
        f"The image: {image.shape_text}, up to {count:,} of them to learn from",
    )
    last = BlockWords(
        "linear",
        "output",
        f"{output.shape[0]} classes",
        facts_of(output),
        f"Output: fully connected, one neuron for each class, then soft-max\n{output.formula}",
    )
    blocks = (
        BlockWords(
            _COLOUR_KINDS[block.kind],
            *names_of(block),
            facts_of(shape),
            tip_of(block, shape),
        )
        for block, shape in zip(spec.blocks, inner, strict=True)
    )
    return (first, *blocks, last)


def names_of(block: BlockSpec) -> tuple[str, str]:
    """Return the two lines on a block."""
    match block.kind:
        case "conv":
            stride = f", stride {block.stride}" if block.stride > 1 else ""
            filters = "1 filter" if block.channels == 1 else f"{block.channels} filters"
            return f"conv {block.kernel}×{block.kernel}", filters + stride
        case "activation":
            return ACTIVATION_LABELS[block.function], "activation"
        case "pool":
            stride = f" / {block.pool_stride}" if block.pool_stride != block.size else ""
            return f"{block.pooling} pool", f"{block.size}×{block.size}{stride}"
        case "dropout":
            return "dropout", f"p = {block.drop:.3g}"
        case "batch norm":
            return "batch norm", "γ, β"
        case _:
            return "connected", "1 neuron" if block.units == 1 else f"{block.units} neurons"


def facts_of(shape: LayerShape) -> tuple[str, str, str]:
    """Return output shape, parameters and receptive field, each as short as it can be."""
    high, wide = shape.receptive_field
    return (
        "×".join(map(str, shape.shape)),
        f"{shape.parameters:,}" if shape.parameters else NONE,
        f"{high}×{wide}",
    )


def tip_of(block: BlockSpec, shape: LayerShape) -> str:
    """Return the block in whole sentences, with the formulas of its numbers."""
    high, wide = shape.receptive_field
    lines = [
        f"{BLOCK_LABELS[block.kind].capitalize()}: {KIND_HELP[block.kind]}",
        f"Output {shape.shape_text}; one number depends on {high} × {wide} pixels of the image.",
    ]
    if shape.formula:
        lines.append(shape.formula)
    lines.append("Click: edit. Drag: move. Right click: more.")
    return "\n".join(lines)
