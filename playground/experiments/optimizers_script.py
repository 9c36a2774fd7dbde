"""An optimizer race as a short Python file that needs torch only (and numpy where there is noise).

The script runs the torch.optim optimizers themselves, so it is also a check of the race: the same
noise, the same mini-batches, the same starts lead to the same places.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from playground.experiments.optimizers_torch import UNCORRECTED, torch_call

if TYPE_CHECKING:
    from playground.experiments.optimizers_lane_spec import LaneSpec
    from playground.experiments.optimizers_snapshot import LaneView, OptimizerRaceSnapshot

ROUNDS_FROM_THE_START: Final = 500
"""How far the script of a race runs that has not begun."""

_UNCORRECTED_SOURCE: Final = '''
class AdamWithoutBiasCorrection(torch.optim.Optimizer):
    """Adam, AdamW and AMSGrad whose running means are used as they are."""

    def __init__(self, params, lr, betas, eps, weight_decay, decoupled=False, amsgrad=False):
        self.decoupled, self.amsgrad = decoupled, amsgrad
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self, closure):
        with torch.enable_grad():
            loss = closure()
        for group in self.param_groups:
            lr, (beta1, beta2), decay = group["lr"], group["betas"], group["weight_decay"]
            for p in group["params"]:
                memory = self.state[p]
                m, v, largest = (memory.get(name, 0 * p) for name in ("m", "v", "largest"))
                g = p.grad if self.decoupled else p.grad + decay * p
                if self.decoupled:
                    p.mul_(1 - lr * decay)
                memory["m"] = m = beta1 * m + (1 - beta1) * g
                memory["v"] = v = beta2 * v + (1 - beta2) * g * g
                memory["largest"] = largest = torch.maximum(largest, v)
                p.sub_(lr * m / ((largest if self.amsgrad else v).sqrt() + group["eps"]))
        return loss

'''

_LOOP: Final = '''
def run(name, start, rounds, make_optimizer, make_scheduler):
    """Print where a lane is after some rounds."""
    w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = make_optimizer(w)
    scheduler = make_scheduler(optimizer) if make_scheduler else None
{streams}
    for _ in range(rounds):
{draws}
        def closure():
            optimizer.zero_grad()
            loss = {loss}
            loss.backward()
            return loss

        optimizer.step(closure)
        if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
            scheduler.step(surface(w[0], w[1]).item())
        elif scheduler:
            scheduler.step()
    x, y = w.tolist()
    print(f"{{name}}: x = {{x:.10g}}, y = {{y:.10g}}, f = {{surface(w[0], w[1]).item():.10g}}")


for lane in LANES:
    run(*lane)
'''


def as_torch_script(snapshot: OptimizerRaceSnapshot, seed: int) -> str:
    """Return a Python file that repeats the race up to the round of a snapshot.

    Every lane runs as many rounds as it did in the race: one that has arrived stops there. Numbers
    that were changed on the way have their last value from the start on.

    Parameters
    ----------
    snapshot
        The race as it stands; one that has not begun gives a script of some hundred rounds.
    seed
        The seed of the run.
    """
    spec, surface = snapshot.spec, snapshot.surface
    noisy = spec.noise.std > 0.0
    batched = surface.samples > 0 and 0 < spec.noise.batch_size < surface.samples
    lanes = [_lane(snapshot, view) for view in snapshot.lanes]
    uncorrected = any(UNCORRECTED in lane for lane in lanes)
    parts = [
        f'"""Optimizer race on the surface “{surface.title}”: f(x, y) = {surface.formula}."""',
        "",
        "import math",
        "",
        *(["import numpy as np"] if noisy or batched else []),
        "import torch",
        "",
        *(["", surface.source] if not surface.samples else [surface.source]),
        *([_UNCORRECTED_SOURCE] if uncorrected else [""]),
        "# name, start, rounds, optimizer, learning-rate schedule",
        "LANES = [",
        *lanes,
        "]",
        "",
        _LOOP.format(
            streams=_streams(spec.noise.seed, seed, noisy, batched),
            draws=_draws(snapshot, noisy, batched),
            loss="surface(w[0], w[1]"
            + (", rows)" if batched else ")")
            + (" + (noise * w).sum()" if noisy else ""),
        ),
    ]
    return "\n".join(parts)


def _streams(noise_seed: int, seed: int, noisy: bool, batched: bool) -> str:
    lines = (
        ["    # Every lane sees the same noise and the same batches."] if noisy or batched else []
    )
    for name, stream, wanted in (("normal", "gradient", noisy), ("order", "batch", batched)):
        if wanted:
            key = (zlib.crc32(b"noise"), noise_seed, zlib.crc32(stream.encode()))
            lines += [
                f"    {name} = np.random.Generator(",
                f"        np.random.PCG64(np.random.SeedSequence({seed}, spawn_key={key}))",
                "    )",
            ]
    return "\n".join(lines)


def _draws(snapshot: OptimizerRaceSnapshot, noisy: bool, batched: bool) -> str:
    noise, samples = snapshot.spec.noise, snapshot.surface.samples
    lines = []
    if batched:
        size = noise.batch_size
        lines.append(f"        rows = torch.tensor(order.choice({samples}, {size}, replace=False))")
    if noisy:
        lines.append(f"        noise = torch.tensor(normal.normal(0.0, {noise.std!r}, 2))")
    return "\n".join([*lines, ""])


def _lane(snapshot: OptimizerRaceSnapshot, view: LaneView) -> str:
    spec = snapshot.spec.lanes[view.index]
    ends = [snapshot.step or ROUNDS_FROM_THE_START]
    if view.resting:
        ends += [end for end in (view.finished_round, view.diverged_round) if end is not None]
    start = snapshot.spec.start_of(view.index, snapshot.surface.start)
    return "\n".join(
        [
            "    (",
            f"        {spec.title!r},",
            f"        {start!r},",
            f"        {min(ends)},",
            f"        lambda w: {_optimizer(spec)},",
            f"        {_scheduler(spec)},",
            "    ),",
        ]
    )


def _optimizer(spec: LaneSpec) -> str:
    """Return the call that makes the torch optimizer of a lane."""
    name, arguments = torch_call(spec.method, spec.hyper)
    prefix = "" if name == UNCORRECTED else "torch.optim."
    text = ", ".join(f"{key}={value!r}" for key, value in {"lr": spec.rate, **arguments}.items())
    return f"{prefix}{name}([w], {text})"


def _scheduler(spec: LaneSpec) -> str:
    """Return a function that makes the torch schedule of a lane, or None."""
    schedule, rate = spec.rate_schedule, spec.rate
    least = schedule.floor * rate
    match schedule.kind:
        case "step":
            call = f"StepLR(o, {schedule.rounds}, {schedule.factor!r})"
        case "exponential":
            call = f"ExponentialLR(o, {schedule.factor!r})"
        case "cosine":
            call = f"CosineAnnealingLR(o, {schedule.rounds}, {least!r})"
        case "restarts":
            call = (
                f"CosineAnnealingWarmRestarts(o, {schedule.rounds}, {schedule.growth}, {least!r})"
            )
        case "warm-up":
            call = f"LinearLR(o, {schedule.first!r}, 1.0, {schedule.rounds})"
        case "plateau":
            call = (
                f"ReduceLROnPlateau(o, factor={schedule.factor!r}, patience={schedule.rounds}, "
                f"min_lr={least!r})"
            )
        case _:
            return "None"
    return f"lambda o: torch.optim.lr_scheduler.{call}"
