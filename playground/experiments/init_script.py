"""“As PyTorch script”: the run of one deep network as a short program that needs only libraries.

The program draws the same first weights and the same batches, prints the standard deviation of z
and of ∂C/∂z in every layer before it learns, then trains and prints loss and accuracy: those of the
run, but for the rounding of another number of threads. What a person changed by hand while it
trained is not repeated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playground.experiments.init_spec import CLASSES, MAX_BATCH

if TYPE_CHECKING:
    from playground.experiments.init_spec import InitSpec

_MODULES: Final = {
    "tanh": "nn.Tanh()",
    "logistic": "nn.Sigmoid()",
    "relu": "nn.ReLU()",
    "leaky relu": "nn.LeakyReLU()",
    "elu": "nn.ELU()",
    "gelu": "nn.GELU()",
    "selu": "nn.SELU()",
    "linear": "nn.Identity()",
}
_STDS: Final = {
    "lecun": "math.sqrt(1.0 / fan_in)",
    "xavier": "math.sqrt(2.0 / (fan_in + fan_out))",
    "he": "math.sqrt(2.0 / fan_in)",
    "standard": "1.0",
}


def as_torch_script(spec: InitSpec, seed: int) -> str:
    """Return a Python program that repeats a run with torch and numpy.

    The digits come from scikit-learn, MNIST from the folder that the spec names.
    """
    return "".join(
        (
            _head(spec, seed),
            _data(spec),
            _network(spec),
            _weights(spec),
            _look(spec),
            _training(spec),
        )
    )


def _head(spec: InitSpec, seed: int) -> str:
    imports = ["import math", "import zlib"]
    if spec.data.source == "mnist":
        imports = ["import gzip", *imports, "from pathlib import Path"]
    libraries = ["import numpy as np", "import torch"]
    if spec.data.source == "digits":
        libraries.append("from sklearn.datasets import load_digits")
    libraries.append("from torch import nn")
    if "math." not in _rule(spec):
        imports.remove("import math")
    return (
        f'"""{spec.title}, in PyTorch."""\n\n'
        + "\n".join(imports)
        + "\n\n"
        + "\n".join(libraries)
        + f"\n\nSEED = {seed}\n\n\n"
        "def sequence(*names):\n"
        '    """Return the random stream with this name: every purpose has one of its own."""\n'
        "    key = tuple(zlib.crc32(n.encode()) if isinstance(n, str) else n for n in names)\n"
        "    return np.random.SeedSequence(SEED, spawn_key=key)\n\n\n"
        "def generator(*names):\n"
        "    return torch.Generator().manual_seed(int(sequence(*names, 1).generate_state(1)[0]))\n"
        "\n\n"
    )


def _data(spec: InitSpec) -> str:
    data = spec.data
    if data.source == "digits":
        return (
            "digits = load_digits()\n"
            "x = torch.tensor((digits.data / 16.0).astype(np.float32))\n"
            "y = torch.tensor(digits.target.astype(np.int64))\n"
            'rng = np.random.Generator(np.random.PCG64(sequence("data", 0, "test images")))\n'
            "order = torch.tensor(rng.permutation(len(y)))\n"
            f"train, test = order[:{data.training_count}], order[{data.training_count}:]\n"
            "x_train, y_train, x_test, y_test = x[train], y[train], x[test], y[test]\n"
        )
    if data.source == "mnist":
        return _mnist(spec)
    shape = f"({data.training_count + data.test_count}, {data.inputs})"
    draw = {
        "normal": "x = torch.randn({shape}, generator={g})\n",
        "uniform": "x = torch.rand({shape}, generator={g}) * 2.0 - 1.0\n",
        "sparse": "x = (torch.rand({shape}, generator={g}) < {share!r}).float()\n",
    }[data.source].format(
        shape=shape, g='generator("data", 0, "inputs")', share=data.bright / data.inputs
    )
    cut = data.training_count
    return (
        f"{draw}"
        "# Ten classes by the largest of ten fixed random sums of the inputs.\n"
        f"teacher = torch.randn(({data.inputs}, {CLASSES}), "
        'generator=generator("data", 0, "classes"))\n'
        "y = ((x - x.mean()) @ teacher).argmax(1)\n"
        f"x_train, y_train, x_test, y_test = x[:{cut}], y[:{cut}], x[{cut}:], y[{cut}:]\n"
    )


def _mnist(spec: InitSpec) -> str:
    train, test = spec.data.training_count, spec.data.test_count
    return (
        f"FOLDER = Path({spec.data.folder.strip()!r}).expanduser()\n\n\n"
        "def read(name, kind, header):\n"
        '    """Return the bytes of an IDX file behind its header, or None without a file."""\n'
        '    for mark in "-.":\n'
        '        for packed in ("", ".gz"):\n'
        '            file = FOLDER / f"{name}{mark}{kind}-ubyte{packed}"\n'
        "            if file.is_file():\n"
        "                data = file.read_bytes()\n"
        '                data = gzip.decompress(data) if data[:2] == b"\\x1f\\x8b" else data\n'
        "                return np.frombuffer(data, np.uint8)[header:]\n"
        "    return None\n\n\n"
        "def images(name):\n"
        '    x, y = read(f"{name}-images", "idx3", 16), read(f"{name}-labels", "idx1", 8)\n'
        "    if x is None or y is None:\n"
        "        return None\n"
        "    x = x.reshape(-1, 784).astype(np.float32) / np.float32(255.0)\n"
        "    return torch.tensor(x), torch.tensor(y.astype(np.int64))\n\n\n"
        'first, second = images("train"), images("t10k")\n'
        "if first and second:\n"
        f"    x_train, y_train = (part[:{train}] for part in first)\n"
        f"    x_test, y_test = (part[:{test}] for part in second)\n"
        "else:\n"
        f"    x, y = (part[:{train + test}] for part in first or second)\n"
        f"    cut = min({train}, len(y) * 5 // 6)\n"
        "    x_train, y_train, x_test, y_test = x[:cut], y[:cut], x[cut:], y[cut:]\n"
    )


def _network(spec: InitSpec) -> str:
    sizes = f"SIZES = {list(spec.sizes)}\n"
    activation = _MODULES[spec.network.activation]
    norm = spec.network.batch_norm
    normed = "nn.BatchNorm1d(fan_out, track_running_stats=False), " if norm else ""
    if not spec.network.residual:
        return (
            f"\n{sizes}"
            "layers = []\n"
            "for fan_in, fan_out in zip(SIZES[:-2], SIZES[1:-1]):\n"
            f"    layers += [nn.Linear(fan_in, fan_out), {normed}{activation}]\n"
            "network = nn.Sequential(*layers, nn.Linear(SIZES[-2], SIZES[-1]))\n"
        )
    return (
        f"\n{sizes}\n\n"
        "class Hidden(nn.Module):\n"
        '    """One layer that adds what comes from below, where it is as wide and not the input.'
        '"""\n\n'
        "    def __init__(self, fan_in, fan_out, first):\n"
        "        super().__init__()\n"
        f"        self.z = nn.Sequential(nn.Linear(fan_in, fan_out), {normed})\n"
        f"        self.f = {activation}\n"
        "        self.adds = fan_in == fan_out and not first\n\n"
        "    def forward(self, a):\n"
        "        f = self.f(self.z(a))\n"
        "        return f + a if self.adds else f\n\n\n"
        "hidden = [\n"
        "    Hidden(fan_in, fan_out, place == 0)\n"
        "    for place, (fan_in, fan_out) in enumerate(zip(SIZES[:-2], SIZES[1:-1]))\n"
        "]\n"
        "network = nn.Sequential(*hidden, nn.Linear(SIZES[-2], SIZES[-1]))\n"
    ).replace(", )", ")")


def _weights(spec: InitSpec) -> str:
    kind = spec.biases.kind
    bias = {
        "zero": "linear.bias.zero_()",
        "constant": f"linear.bias.fill_({spec.biases.value!r})",
        "random": (
            'g = generator("init", 0, "layer", place, "biases")\n'
            f"        linear.bias.copy_(torch.randn(fan_out, generator=g) * {spec.biases.spread!r})"
        ),
    }[kind]
    return (
        "linears = [module for module in network.modules() if isinstance(module, nn.Linear)]\n"
        "with torch.no_grad():\n"
        "    for place, linear in enumerate(linears):\n"
        "        fan_out, fan_in = linear.weight.shape\n"
        f"{_rule(spec)}"
        f"        {bias}\n"
    )


def _rule(spec: InitSpec) -> str:
    """Return the lines that set the weights of one layer."""
    weights = spec.weights
    gain = weights.gain
    if weights.scheme == "zeros":
        return "        linear.weight.zero_()\n"
    if weights.scheme == "constant":
        return f"        linear.weight.fill_({gain * weights.constant!r})\n"
    seeded = '        g = generator("init", 0, "layer", place, "weights")\n'
    if weights.scheme == "orthogonal":
        return (
            f"{seeded}"
            "        drawn = torch.randn(fan_out, fan_in, generator=g)\n"
            "        q, r = torch.linalg.qr(drawn if fan_out >= fan_in else drawn.T)\n"
            "        q = q * torch.sign(torch.diagonal(r))\n"
            f"        linear.weight.copy_((q if fan_out >= fan_in else q.T) * {gain!r})\n"
        )
    family = weights.scheme.split()[0]
    base = {
        **_STDS,
        "normal": repr(weights.sigma),
        "uniform": f"({weights.limit!r} / math.sqrt(3.0))",
    }[family]
    std = f"        std = {gain!r} * {base}\n"
    if weights.scheme == "uniform" or weights.scheme.endswith(" uniform"):
        return (
            f"{seeded}{std}"
            "        drawn = torch.rand(fan_out, fan_in, generator=g) * 2.0 - 1.0\n"
            "        linear.weight.copy_(drawn * (math.sqrt(3.0) * std))\n"
        )
    return (
        f"{seeded}{std}"
        "        linear.weight.copy_(torch.randn(fan_out, fan_in, generator=g) * std)\n"
    )


def _look(spec: InitSpec) -> str:
    mse = (
        "    targets = nn.functional.one_hot(y, SIZES[-1]).float()\n"
        '    return 0.5 * nn.functional.mse_loss(outputs, targets, reduction="sum") / len(y)\n'
    )
    entropy = "    return nn.functional.cross_entropy(outputs, y)\n"
    size = spec.training.batch_size
    return (
        "\n\n"
        "def cost(outputs, y):\n"
        f"{entropy if spec.training.loss == 'cross-entropy' else mse}\n\n"
        f"batch = min({min(size, MAX_BATCH)}, len(y_train))\n"
        "batches = len(y_train) // batch\n\n\n"
        "def rows_of(step):\n"
        '    """Return which samples the batch of a step holds: a new order in every epoch."""\n'
        "    epoch, place = divmod(step, batches)\n"
        '    order = torch.randperm(len(y_train), generator=generator("batch", epoch, "order"))\n'
        "    return order[place * batch : (place + 1) * batch]\n\n\n"
        "# What the first weights do to signals and gradients, before anything is learned.\n"
        "z_of_layers = []\n\n\n"
        "def keep(module, inputs, output):\n"
        "    inputs[0].retain_grad()\n"
        "    z_of_layers.append(inputs[0])\n\n\n"
        f"activation = type({_MODULES[spec.network.activation]})\n"
        "hooks = [m.register_forward_hook(keep) for m in network.modules() "
        "if isinstance(m, activation)]\n"
        "rows = rows_of(0)\n"
        "cost(network(x_train[rows]), y_train[rows]).backward()\n"
        "for hook in hooks:\n"
        "    hook.remove()\n"
        "for place, z in enumerate(z_of_layers, 1):\n"
        "    z_std, grad_std = (part.std(correction=0) for part in (z, z.grad))\n"
        '    print(f"layer {place}: std of z {z_std:.4g}, of its gradient {grad_std:.4g}")\n'
    )


def _training(spec: InitSpec) -> str:
    training = spec.training
    made = {
        "sgd": f"torch.optim.SGD(network.parameters(), lr={training.rate!r})",
        "momentum": (
            f"torch.optim.SGD(network.parameters(), lr={training.rate!r}, "
            f"momentum={training.momentum!r})"
        ),
        "adam": f"torch.optim.Adam(network.parameters(), lr={training.rate!r})",
    }[training.optimizer]
    return (
        f"\noptimizer = {made}\n"
        f"for step in range({training.steps}):\n"
        "    rows = rows_of(step)\n"
        "    optimizer.zero_grad()\n"
        "    loss = cost(network(x_train[rows]), y_train[rows])\n"
        "    if not torch.isfinite(loss):\n"
        '        print(f"step {step}: the loss is no longer a number")\n'
        "        break\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    if (step + 1) % batches == 0:\n"
        "        with torch.no_grad():\n"
        "            outputs = network(x_test)\n"
        "            right = int((outputs.argmax(1) == y_test).sum()) / len(y_test)\n"
        '            print(f"epoch {(step + 1) // batches}: test loss '
        '{cost(outputs, y_test).item()!r}, "\n'
        '                  f"test accuracy {right!r}")\n'
    )
