"""“As PyTorch script”: the run of a network of images as a short program that needs only libraries.

The program deals the same images, draws the same first weights, batches, variations and dropouts,
trains and prints loss and accuracy after every epoch: those of the run, but for the rounding of
another number of threads. What a person changed by hand while it trained is not repeated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playground.experiments.cnn_script_data import data_part, library_imports

if TYPE_CHECKING:
    from playground.core.layer_shapes import LayerShape
    from playground.experiments.cnn_block_spec import BlockSpec
    from playground.experiments.cnn_spec import CnnSpec

_ACTIVATIONS: Final = {
    "relu": "nn.ReLU()",
    "leaky relu": "nn.LeakyReLU()",
    "tanh": "nn.Tanh()",
    "logistic": "nn.Sigmoid()",
    "gelu": "nn.GELU()",
}
_FOLLOWERS: Final = ("activation", "batch norm", "dropout")


def as_torch_script(spec: CnnSpec, seed: int) -> str:
    """Return a Python program that repeats a run with torch and numpy.

    The digits come from scikit-learn; MNIST, Fashion-MNIST and images of one's own from the folder
    that the spec names.
    """
    return "".join(
        (
            _head(spec, seed),
            data_part(spec.data),
            _dropout(spec),
            _network(spec),
            _weights(),
            _knocked_out(spec),
            _variations(spec),
            _training(spec),
        )
    )


def _head(spec: CnnSpec, seed: int) -> str:
    standard, libraries = library_imports(spec.data)
    libraries += ["import torch", "from torch import nn"]
    plain = sorted(line for line in libraries if line.startswith("import"))
    named = sorted(line for line in libraries if line.startswith("from"))
    return (
        f'"""{spec.title}, in PyTorch."""\n\n'
        + "\n".join(standard)
        + "\n\n"
        + "\n".join((*plain, *named))
        + f"\n\nSEED = {seed}\n"
        f'DEVICE = torch.device("{spec.training.device}")\n\n\n'
        "def sequence(*names):\n"
        '    """Return the random stream with this name: every purpose has one of its own."""\n'
        "    key = tuple(zlib.crc32(n.encode()) if isinstance(n, str) else n for n in names)\n"
        "    return np.random.SeedSequence(SEED, spawn_key=key)\n\n\n"
        "def generator(*names):\n"
        "    return torch.Generator().manual_seed(int(sequence(*names, 1).generate_state(1)[0]))\n"
        "\n\n"
    )


def _dropout(spec: CnnSpec) -> str:
    if not any(block.kind == "dropout" for block in spec.blocks):
        return ""
    return (
        "\n\n"
        "class Dropout(nn.Module):\n"
        '    """Dropout from a random stream of its own."""\n\n'
        '    stream = generator("dropout")\n\n'
        "    def __init__(self, p):\n"
        "        super().__init__()\n"
        "        self.p = p\n\n"
        "    def forward(self, x):\n"
        "        if not self.training or self.p == 0.0:\n"
        "            return x\n"
        "        kept = torch.rand(x.shape, generator=self.stream) >= self.p\n"
        "        return x * kept.to(x.device) / (1.0 - self.p)\n\n"
    )


def _network(spec: CnnSpec) -> str:
    shapes = spec.shapes()
    lines: list[str] = []
    for shape, block in zip(shapes, spec.blocks, strict=False):
        if block.kind == "fully connected" and len(shape.shape) == 3:
            lines.append("nn.Flatten()")
        lines.append(_module(block, shape))
    last = shapes[-2]
    if len(last.shape) == 3:
        lines.append("nn.Flatten()")
    lines.append(f"nn.Linear({last.numbers}, CLASSES)")
    return "\nnetwork = nn.Sequential(\n" + "".join(f"    {line},\n" for line in lines) + ")\n"


def _module(block: BlockSpec, before: LayerShape) -> str:
    match block.kind:
        case "conv":
            options = {"stride": block.stride, "padding": block.padding, "dilation": block.dilation}
            usual = {"stride": 1, "padding": 0, "dilation": 1}
            more = "".join(
                f", {name}={value}" for name, value in options.items() if value != usual[name]
            )
            return f"nn.Conv2d({before.shape[0]}, {block.channels}, {block.kernel}{more})"
        case "activation":
            return _ACTIVATIONS[block.function]
        case "pool":
            kind = "MaxPool2d" if block.pooling == "max" else "AvgPool2d"
            stride = "" if block.pool_stride == block.size else f", stride={block.pool_stride}"
            return f"nn.{kind}({block.size}{stride})"
        case "dropout":
            return f"Dropout({block.drop!r})"
        case "batch norm":
            return f"nn.BatchNorm{'2d' if len(before.shape) == 3 else '1d'}({before.shape[0]})"
        case "fully connected":
            return f"nn.Linear({before.numbers}, {block.units})"


def _weights() -> str:
    return (
        "layers = [module for module in network if isinstance(module, (nn.Conv2d, nn.Linear))]\n"
        "with torch.no_grad():\n"
        "    for place, layer in enumerate(layers):\n"
        "        bound = 1.0 / math.sqrt(layer.weight[0].numel())\n"
        '        for name, tensor in (("weights", layer.weight), ("biases", layer.bias)):\n'
        '            stream = generator("init", 0, "layer", place, name)\n'
        "            drawn = torch.rand(tensor.shape, generator=stream)\n"
        "            tensor.copy_((drawn * 2.0 - 1.0) * bound)\n"
        "# The channels innermost in memory: torch pools them faster so.\n"
        "network.to(DEVICE).to(memory_format=torch.channels_last)\n"
    )


def _knocked_out(spec: CnnSpec) -> str:
    if not spec.knocked_out:
        return ""
    chosen: dict[int, list[int]] = {}
    for block, index in spec.knocked_out:
        chosen.setdefault(block, []).append(index)
    places = {_place_of_end(spec, block): sorted(found) for block, found in chosen.items()}
    return (
        "\n# Knocked-out filters: what they put out is zero, by the module that it leaves last.\n"
        f"KNOCKED_OUT = {places}\n\n\n"
        "def silence(filters):\n"
        "    def hook(module, inputs, output):\n"
        "        mask = torch.ones(output.shape[1], device=output.device)\n"
        "        mask[filters] = 0.0\n"
        "        return output * (mask[:, None, None] if output.ndim == 4 else mask)\n\n"
        "    return hook\n\n\n"
        "for place, filters in KNOCKED_OUT.items():\n"
        "    network[place].register_forward_hook(silence(filters))\n"
    )


def _place_of_end(spec: CnnSpec, block: int) -> int:
    """Return the module behind which the filters of a block are silenced."""
    end = block
    while end + 1 < len(spec.blocks) and spec.blocks[end + 1].kind in _FOLLOWERS:
        end += 1
    flattened = any(entry.kind == "fully connected" for entry in spec.blocks[: end + 1])
    return end + flattened


def _variations(spec: CnnSpec) -> str:
    augment = spec.augment
    if augment.is_identity:
        return ""
    _, height, width = spec.data.image_shape
    moves = augment.shift or augment.rotation or augment.scaling or augment.skew
    parts = [
        f'\n\nSIZE = torch.tensor([{width}.0, {height}.0])\nvariations = generator("augment")\n\n\n'
    ]
    if augment.elastic:
        parts.append(_SMOOTHING)
    parts.append(
        "def varied(x):\n"
        '    """Return every image of a batch varied at random."""\n'
        "    n = len(x)\n"
    )
    if moves:
        parts.append(_MOVES.format(a=augment, scaling=augment.scaling / 100.0))
    else:
        parts.append("    theta = torch.eye(2, 3).expand(n, 2, 3)\n")
    parts.append(
        f"    grid = nn.functional.affine_grid(theta, [n, 1, {height}, {width}], "
        "align_corners=False)\n"
    )
    if augment.elastic:
        parts.append(_ELASTIC.format(a=augment, height=height, width=width))
    parts.append("    return nn.functional.grid_sample(x, grid, align_corners=False)\n")
    return "".join(parts)


_SMOOTHING: Final = (
    "def gaussian(size, sigma):\n"
    '    """Return the matrix that smooths a column of pixels."""\n'
    "    reach = math.ceil(3.0 * sigma)\n"
    "    steps = torch.arange(-reach, reach + 1, dtype=torch.float32)\n"
    "    total = torch.exp(-0.5 * (steps / sigma) ** 2).sum()\n"
    "    places = torch.arange(size, dtype=torch.float32)\n"
    "    distance = places[:, None] - places[None, :]\n"
    "    weights = torch.exp(-0.5 * (distance / sigma) ** 2) / total\n"
    "    return weights * (distance.abs() <= reach)\n\n\n"
)
_MOVES: Final = (
    "    drawn = torch.rand((n, 5), generator=variations) * 2.0 - 1.0\n"
    "    shift = drawn[:, :2] * {a.shift!r}\n"
    "    angle = drawn[:, 2] * math.radians({a.rotation!r})\n"
    "    scale = 1.0 + drawn[:, 3] * {scaling!r}\n"
    "    lean = torch.tan(drawn[:, 4] * math.radians({a.skew!r}))\n"
    "    cos, sin = torch.cos(angle) / scale, torch.sin(angle) / scale\n"
    "    rows = torch.stack((cos + lean * sin, sin - lean * cos), 1), torch.stack((-sin, cos), 1)\n"
    "    inverse = torch.stack(rows, 1)\n"
    "    moved = -(inverse @ shift[:, :, None]) * (2.0 / SIZE)[None, :, None]\n"
    "    theta = torch.cat((inverse * SIZE[None, None, :] / SIZE[None, :, None], moved), 2)\n"
)
_ELASTIC: Final = (
    "    noise = torch.rand((n, 2, {height}, {width}), generator=variations) * 2.0 - 1.0\n"
    "    smooth = gaussian({height}, {a.smoothness!r}) @ noise @ "
    "gaussian({width}, {a.smoothness!r}).T\n"
    "    grid = grid + ({a.elastic!r} * smooth).permute(0, 2, 3, 1) * (2.0 / SIZE)\n"
)


def _training(spec: CnnSpec) -> str:
    training = spec.training
    joined = any(block.kind == "batch norm" for block in spec.blocks)
    join = (
        "        if end == len(order) - 1:\n"
        "            end += 1  # batch normalisation cannot do with one image\n"
    )
    x = "x_train[rows]" if spec.augment.is_identity else "varied(x_train[rows])"
    return (
        f"\n\noptimizer = torch.optim.{_optimizer(spec)}\n"
        f"for epoch in range(1, {training.epochs + 1}):\n"
        '    order = torch.randperm(len(y_train), generator=generator("batch", epoch - 1, '
        '"order"))\n'
        "    network.train()\n"
        "    start = 0\n"
        "    while start < len(order):\n"
        f"        end = min(start + {training.batch_size}, len(order))\n"
        f"{join if joined else ''}"
        "        rows = order[start:end]\n"
        "        start = end\n"
        f"        x, y = {x}.to(DEVICE), y_train[rows].to(DEVICE)\n"
        "        optimizer.zero_grad()\n"
        "        loss = nn.functional.cross_entropy(network(x), y)\n"
        "        loss.backward()\n"
        "        optimizer.step()\n"
        "    network.eval()\n"
        "    with torch.no_grad():\n"
        "        outputs = torch.cat([network(x.to(DEVICE)).cpu() for x in x_test.split(128)])\n"
        "    test_loss = nn.functional.cross_entropy(outputs, y_test).item()\n"
        "    right = int((outputs.argmax(1) == y_test).sum()) / len(y_test)\n"
        '    print(f"epoch {epoch}: test loss {test_loss!r}, test accuracy {right!r}")\n'
    )


def _optimizer(spec: CnnSpec) -> str:
    training = spec.training
    name = {"adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop"}.get(training.optimizer, "SGD")
    momentum = f", momentum={training.momentum!r}" if training.optimizer == "momentum" else ""
    decay = training.weight_decay
    # AdamW has a usual weight decay of its own, which must be said to be another.
    said = f", weight_decay={decay!r}" if decay or name == "AdamW" else ""
    return f"{name}(network.parameters(), lr={training.rate!r}{momentum}{said})"
