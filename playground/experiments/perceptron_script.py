"""“As PyTorch script”: a run of one neuron as a short program that needs nothing but torch.

The program trains on the same points in the same order from the same start, stops by the same rule
and prints where it ended. What a person changed by hand while it trained is not repeated: points,
rate and stop rule are those of the spec it is made from.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from playground.core.perceptrons import MISTAKE_DRIVEN
from playground.core.random_streams import Streams
from playground.core.splits import TRAINING, VALIDATION
from playground.experiments.perceptron_data import TrainingData
from playground.experiments.perceptron_spec import (
    KIND_LABELS,
    LOWER_IS_BETTER,
    METRIC_LABELS,
    SCHEDULE_LABELS,
)

if TYPE_CHECKING:
    from playground.core.points import PointSet
    from playground.experiments.perceptron_spec import LearnerSpec, PerceptronSpec

MAX_INLINE: Final = 500
"""So many points stand in the script itself; more are read from a file beside it."""
POINTS_FILE: Final = "points.csv"

_METRICS: Final = {
    "accuracy": "(tp + tn) / (tp + tn + fp + fn)",
    "fpr": "fp / (fp + tn)",
    "fnr": "fn / (fn + tp)",
    "precision": "tp / (tp + fp)",
    "recall": "tp / (tp + fn)",
    "specificity": "tn / (tn + fp)",
    "f1": "2 * tp / (2 * tp + fp + fn)",
    "error_rate": "(fp + fn) / (tp + tn + fp + fn)",
}


class ScriptError(ValueError):
    """Says in one sentence why there is no script."""


def as_torch_script(spec: PerceptronSpec, seed: int, points: PointSet, learner: int) -> str:
    """Return a Python program that repeats the run of one learner with torch alone.

    Parameters
    ----------
    spec, seed
        The run.
    points
        Its points. Above 500 the program reads them from ``points.csv`` in its own folder, which
        :func:`points_csv` makes.
    learner
        Place in ``spec.learners``.

    Raises
    ------
    ScriptError
        For the pocket perceptron, which is not a torch module's business, for a learner that does
        not exist, and where there is nothing to train on.
    """
    if not 0 <= learner < len(spec.learners):
        raise ScriptError(f"There is no model number {learner + 1}.")
    chosen = spec.learners[learner]
    if chosen.kind == "pocket":
        raise ScriptError("A script is made for perceptron, Adaline and logistic neuron only.")
    data = TrainingData(points, spec)
    if data.waiting_for:
        raise ScriptError(data.waiting_for)
    validating = spec.stop.when == "metric" and spec.stop.measured_on == "validation"
    if validating and not len(data.validation.y):
        raise ScriptError("The metric waits for validation points: choose a split.")
    parts = [
        _head(chosen, spec),
        _points(data, validating, with_ids=spec.shuffle),
        _standardising(validating) if spec.standardise else "",
        _start(spec, seed),
        _rule(chosen),
        _order(spec, seed, points),
        _stopping(spec, chosen, validating),
        _loop(spec, chosen, data.samples),
        _end(spec),
    ]
    return "".join(part for part in parts if part)


def points_csv(spec: PerceptronSpec, points: PointSet) -> str:
    """Return the file ``points.csv`` for a script of more than 500 points: id, x1, x2, y, part."""
    data = TrainingData(points, spec)
    rows = zip(
        points.ids.tolist(), points.x.tolist(), points.y.tolist(), data.parts.tolist(), strict=True
    )
    lines = [f"{key},{x1!r},{x2!r},{y},{part}" for key, (x1, x2), y, part in rows]
    return "\n".join(["id,x1,x2,y,part", *lines, ""])


def needs_points_file(points: PointSet) -> bool:
    """Return whether a script of these points reads them from ``points.csv``."""
    return len(points) > MAX_INLINE


def _head(learner: LearnerSpec, spec: PerceptronSpec) -> str:
    numpy = "import numpy as np\n" if spec.shuffle else ""
    # Not the name a person typed: it could end the string.
    title = f"{KIND_LABELS[learner.kind]}, {SCHEDULE_LABELS[learner.schedule]}"
    return f'"""{title}, α = {learner.rate:g}, in PyTorch."""\n\n{numpy}import torch\n\n'


def _points(data: TrainingData, validating: bool, *, with_ids: bool) -> str:
    if needs_points_file(data.points):
        return _points_from_file(validating, with_ids=with_ids)
    text = _literal("x", data, TRAINING, with_ids=with_ids)
    if validating:
        text += _literal("x_val", data, VALIDATION, with_ids=False)
    return text


def _literal(name: str, data: TrainingData, part: int, *, with_ids: bool) -> str:
    chosen = data.parts == part
    x, y = data.points.x[chosen].tolist(), data.points.y[chosen].tolist()
    label = name.replace("x", "y")
    rows = "".join(f"    [{x1!r}, {x2!r}],\n" for x1, x2 in x)
    text = f"{name} = torch.tensor([\n{rows}], dtype=torch.float64)\n"
    text += f"{label} = torch.tensor({[float(value) for value in y]}, dtype=torch.float64)\n"
    if with_ids:
        text += f"ids = {data.points.ids[chosen].tolist()}\n"
    return text


def _points_from_file(validating: bool, *, with_ids: bool) -> str:
    text = (
        "from pathlib import Path\n\n"
        f'lines = Path(__file__).with_name("{POINTS_FILE}").read_text().splitlines()[1:]\n'
        "table = torch.tensor([[float(v) for v in line.split(',')] for line in lines], "
        "dtype=torch.float64)\n"
        f"train = table[:, 4] == {TRAINING}\n"
        "x, y = table[train, 1:3], table[train, 3]\n"
    )
    if validating:
        text += f"held_out = table[:, 4] == {VALIDATION}\n"
        text += "x_val, y_val = table[held_out, 1:3], table[held_out, 3]\n"
    if with_ids:
        text += "ids = table[train, 0].long().tolist()\n"
    return text


def _standardising(validating: bool) -> str:
    held_out = "x_val = (x_val - mean) / scale\n" if validating else ""
    return (
        "\n# Standardised: mean 0 and standard deviation 1 over the training points.\n"
        "mean, scale = x.mean(0), x.std(0, unbiased=False)\n"
        "constant = scale <= 10 * torch.finfo(torch.float64).eps * x.abs().max(0).values\n"
        "scale = torch.where(constant, 1.0, scale)\n"
        f"x = (x - mean) / scale\n{held_out}"
    )


def _start(spec: PerceptronSpec, seed: int) -> str:
    start = spec.start
    w1, w2, beta = start.w1, start.w2, start.beta
    if start.weights == "random":
        drawn = Streams(seed).numpy("init").standard_normal(3) * start.spread
        w1, w2, beta = drawn.tolist()
    lines = [
        "",
        "neuron = torch.nn.Linear(2, 1, dtype=torch.float64)",
        "with torch.no_grad():",
        f"    neuron.weight[:] = torch.tensor([{w1!r}, {w2!r}], dtype=torch.float64)",
        f"    neuron.bias[:] = {beta!r}",
        "",
    ]
    return "\n".join(lines)


def _rule(learner: LearnerSpec) -> str:
    if learner.kind == "perceptron":
        return (
            f"rate = {learner.rate!r}\n\n\n"
            "def learn(x, y):\n"
            '    """Move the line by every sample that is on the wrong side, or on it."""\n'
            "    with torch.no_grad():\n"
            "        wrong = y * neuron(x).squeeze(1) <= 0\n"
            "        neuron.weight += rate * (y[wrong, None] * x[wrong]).sum(0)\n"
            "        neuron.bias += rate * y[wrong].sum()\n"
        )
    loss = {
        "adaline": "0.5 * torch.nn.functional.mse_loss(f, y)",
        "logistic": "torch.nn.functional.binary_cross_entropy_with_logits(f, (y + 1) / 2)",
    }[learner.kind]
    return (
        f"optimizer = torch.optim.SGD(neuron.parameters(), lr={learner.rate!r})\n\n\n"
        "def cost(x, y):\n"
        "    f = neuron(x).squeeze(1)\n"
        f"    return {loss}\n\n\n"
        "def learn(x, y):\n"
        '    """Do one step of gradient descent."""\n'
        "    optimizer.zero_grad()\n"
        "    cost(x, y).backward()\n"
        "    optimizer.step()\n"
    )


def _order(spec: PerceptronSpec, seed: int, points: PointSet) -> str:
    if not spec.shuffle:
        return "\n\ndef order_of(epoch):\n    return torch.arange(len(x))\n"
    key = zlib.crc32(b"order")
    return (
        "\n\ndef order_of(epoch):\n"
        '    """Every point draws a number for every epoch; they are sorted by it."""\n'
        f"    stream = np.random.SeedSequence({seed}, spawn_key=({key}, epoch, {key}))\n"
        "    numbers = np.random.Generator(np.random.PCG64(stream))"
        f".random({points.next_id})\n"
        "    return torch.from_numpy(np.argsort(numbers[ids]))\n"
    )


def _stopping(spec: PerceptronSpec, learner: LearnerSpec, validating: bool) -> str:
    stop = spec.stop
    head = "\n\n@torch.no_grad()\ndef is_done():\n"
    mistake_driven = learner.kind in MISTAKE_DRIVEN
    if stop.when == "epochs" or (stop.when == "all correct" and not mistake_driven):
        return f"{head}    return False\n"
    if stop.when == "all correct":
        return f"{head}    return bool((y * neuron(x).squeeze(1) > 0).all())\n"
    if stop.when == "error":
        share = "(y * neuron(x).squeeze(1) <= 0).double().mean()"
        value = share if learner.kind == "perceptron" else "cost(x, y)"
        return f"{head}    return bool({value} <= {stop.error_limit!r})\n"
    xs, ys = ("x_val", "y_val") if validating else ("x", "y")
    sign = "<=" if stop.metric in LOWER_IS_BETTER else ">="
    return (
        f"{head}"
        f'    """{METRIC_LABELS[stop.metric]} {sign} {stop.target:g}; a point on the line is '
        'wrong."""\n'
        f"    right, positive = {ys} * neuron({xs}).squeeze(1) > 0, {ys} > 0\n"
        "    tp, fn = (right & positive).sum(), (~right & positive).sum()\n"
        "    tn, fp = (right & ~positive).sum(), (~right & ~positive).sum()\n"
        f"    return bool({_METRICS[stop.metric]} {sign} {stop.target!r})\n"
    )


def _loop(spec: PerceptronSpec, learner: LearnerSpec, samples: int) -> str:
    size = {"online": 1, "mini-batch": min(learner.batch_size, samples)}.get(
        learner.schedule, samples
    )
    return (
        f"\n\nfor epoch in range({spec.stop.epochs}):\n"
        f"    for rows in order_of(epoch).split({size}):\n"
        "        learn(x[rows], y[rows])\n"
        "    if is_done():\n"
        "        break\n"
    )


def _end(spec: PerceptronSpec) -> str:
    text = "\nw1, w2 = neuron.weight[0].tolist()\nbeta = neuron.bias.item()\n"
    if spec.standardise:
        text += (
            "# The same line in the coordinates of the data.\n"
            "w1, w2 = w1 / scale[0].item(), w2 / scale[1].item()\n"
            "beta -= w1 * mean[0].item() + w2 * mean[1].item()\n"
        )
    return f'{text}print(f"epochs {{epoch + 1}}: w1 {{w1!r}}, w2 {{w2!r}}, beta {{beta!r}}")\n'
