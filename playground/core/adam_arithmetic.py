"""The step cards of Adam and its relatives, line by line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.core.optimizers import nadam_momenta, nadam_product, radam_rectification

if TYPE_CHECKING:
    from playground.core.step_sheet import Sheet


def _moments(sheet: Sheet) -> tuple[Any, Any]:
    first = sheet.mean("m", "mean of gradients", "first", sheet.hyper["beta1"], "β₁", sheet.g)
    second = sheet.mean(
        "v", "mean of squared gradients", "second", sheet.hyper["beta2"], "β₂", sheet.g * sheet.g
    )
    return first, second


def _corrected(sheet: Sheet, symbol: str, name: str, value: Any, keep: float) -> Any:
    return sheet.line(
        f"{symbol}̂",
        "corrected for its start at zero",
        f"{symbol}/(1 − {name}ᵗ)",
        "{value}/(1 − {keep}^{t})",
        value / (1.0 - keep**sheet.t),
        value=value,
        keep=keep,
        t=sheet.t,
    )


def adam(sheet: Sheet, amsgrad: bool = False) -> None:
    """Write out Adam, or AMSGrad."""
    hyper = sheet.hyper
    first, second = _moments(sheet)
    if amsgrad:
        largest = sheet.before["largest"]
        second = sheet.line(
            "v",
            "largest v so far",
            "max(v before, v)",
            "max({old}, {new})",
            np.maximum(largest, second),
            old=largest,
            new=second,
        )
    if hyper["bias_correction"]:
        first = _corrected(sheet, "m", "β₁", first, hyper["beta1"])
        second = _corrected(sheet, "v", "β₂", second, hyper["beta2"])
    _scaled_step(sheet, first, second)


def _scaled_step(sheet: Sheet, first: Any, second: Any) -> None:
    eps = sheet.hyper["eps"]
    step = sheet.line(
        "Δ",
        "step",
        "η·m̂/(√v̂ + ε)" if sheet.hyper.get("bias_correction", True) else "η·m/(√v + ε)",
        "{rate}·{first}/(√{second} + {eps})",
        sheet.rate * first / (np.sqrt(second) + eps),
        rate=sheet.rate,
        first=first,
        second=second,
        eps=eps,
    )
    sheet.weight("w − Δ", "{w} − {step}", sheet.w - step, step=step)


def adamw(sheet: Sheet) -> None:
    """Write out AdamW."""
    decay = sheet.hyper["weight_decay"]
    sheet.w = sheet.line(
        "w",
        "weight, decayed",
        "w·(1 − η·λ)",
        "{w}·(1 − {rate}·{decay})",
        sheet.w * (1.0 - sheet.rate * decay),
        w=sheet.w,
        rate=sheet.rate,
        decay=decay,
    )
    adam(sheet)


def nadam(sheet: Sheet) -> None:
    """Write out Nadam."""
    hyper = sheet.hyper
    first, second = _moments(sheet)
    beta1, decay = np.array(hyper["beta1"]), np.array(hyper["momentum_decay"])
    now, later = (float(one) for one in nadam_momenta(beta1, decay, np.array(sheet.t)))
    product = float(nadam_product(sheet.before["product"], np.array([now]))[0])
    for symbol, meaning, value, t in (
        ("μ", "momentum of this step", now, sheet.t),
        ("μ₊", "momentum of the next step", later, sheet.t + 1.0),
    ):
        sheet.line(
            symbol,
            meaning,
            "β₁·(1 − ½·0.96^(t·ψ))",
            "{beta}·(1 − 0.5·0.96^({t}·{decay}))",
            value,
            beta=hyper["beta1"],
            t=t,
            decay=hyper["momentum_decay"],
        )
    sheet.line(
        "Π",
        "product of all momenta",
        "Π·μ",
        "{old}·{now}",
        product,
        old=float(sheet.before["product"][0]),
        now=now,
    )
    second = _corrected(sheet, "v", "β₂", second, hyper["beta2"])
    mixed = sheet.line(
        "m̄",
        "gradient and mean, both corrected",
        "(1 − μ)/(1 − Π)·g + μ₊/(1 − Π·μ₊)·m",
        "(1 − {now})/(1 − {product})·{g} + {later}/(1 − {product}·{later})·{first}",
        (1.0 - now) / (1.0 - product) * sheet.g + later / (1.0 - product * later) * first,
        now=now,
        product=product,
        g=sheet.g,
        later=later,
        first=first,
    )
    step = sheet.line(
        "Δ",
        "step",
        "η·m̄/(√v̂ + ε)",
        "{rate}·{mixed}/(√{second} + {eps})",
        sheet.rate * mixed / (np.sqrt(second) + hyper["eps"]),
        rate=sheet.rate,
        mixed=mixed,
        second=second,
        eps=hyper["eps"],
    )
    sheet.weight("w − Δ", "{w} − {step}", sheet.w - step, step=step)


def radam(sheet: Sheet) -> None:
    """Write out RAdam."""
    hyper, beta2 = sheet.hyper, sheet.hyper["beta2"]
    first, second = _moments(sheet)
    unbiased = _corrected(sheet, "m", "β₁", first, hyper["beta1"])
    length, rectified = (
        float(one) for one in radam_rectification(np.array(beta2), np.array(sheet.t))
    )
    sheet.line(
        "ρ",
        "length of the average of v",
        "2/(1 − β₂) − 1 − 2t·β₂ᵗ/(1 − β₂ᵗ)",
        "2/(1 − {beta}) − 1 − 2·{t}·{power}/(1 − {power})",
        length,
        beta=beta2,
        t=sheet.t,
        power=beta2**sheet.t,
    )
    if rectified <= 0.0:
        step = sheet.line(
            "Δ",
            "step: ρ ≤ 5, so v is not trusted yet",
            "η·m̂",
            "{rate}·{first}",
            sheet.rate * unbiased,
            rate=sheet.rate,
            first=unbiased,
        )
    else:
        sheet.line(
            "r", "rectification", "√((ρ−4)(ρ−2)ρ∞/((ρ∞−4)(ρ∞−2)ρ))", "{r}", rectified, r=rectified
        )
        root = math.sqrt(1.0 - beta2**sheet.t)
        step = sheet.line(
            "Δ",
            "step: ρ > 5",
            "η·m̂·r·√(1 − β₂ᵗ)/(√v + ε)",
            "{rate}·{first}·{r}·{root}/(√{second} + {eps})",
            sheet.rate * unbiased * rectified * root / (np.sqrt(second) + hyper["eps"]),
            rate=sheet.rate,
            first=unbiased,
            r=rectified,
            root=root,
            second=second,
            eps=hyper["eps"],
        )
    sheet.weight("w − Δ", "{w} − {step}", sheet.w - step, step=step)
