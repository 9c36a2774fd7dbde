"""The arithmetic of one pixel in words: what is multiplied, what is summed, what it feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.ui.grid_view import short_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playground.core.convolution import Fed, Window

MOST_TERMS = 25
NO_BREAK = "\u00a0"
FIRST_TERMS, LAST_TERMS = 6, 2
CHANNELS = {1: ("grey",), 3: ("R", "G", "B")}


def channel_names(count: int) -> tuple[str, ...]:
    """Return what the channels of a picture are called."""
    return CHANNELS.get(count) or tuple(str(number) for number in range(1, count + 1))


def factor(value: float) -> str:
    """Return a number as a factor: negative ones in parentheses."""
    text = short_number(value)
    return f"({text})" if text.startswith("−") else text


def signed(value: float, first: bool = False) -> str:
    """Return a number as a term of a sum: ``" + 3"``, ``" − 3"``; the first one without a plus."""
    text = short_number(value)
    if first:
        return text
    return f" − {text[1:]}" if text.startswith("−") else f" + {text}"


def product_sum(window: Window, channel: int) -> str:
    """Return ``0·0.12 + (−1)·0.53 + … = 0.41``: kernel times picture, over one channel.

    Beyond 25 products the middle ones are left out, and how many there are is said.
    """
    weights, values = window.weights[channel].ravel(), window.values[channel].ravel()
    terms = [
        f"{factor(float(weight))}·{factor(float(value))}"
        for weight, value in zip(weights, values, strict=True)
    ]
    if len(terms) > MOST_TERMS:
        left_out = len(terms) - FIRST_TERMS - LAST_TERMS
        terms = [*terms[:FIRST_TERMS], f"… {left_out} more …", *terms[-LAST_TERMS:]]
    return f"{' + '.join(terms)} = {short_number(float(window.sums[channel]), 4)}"


def channel_sum(window: Window, bias: float, relu: bool, only: int | None = None) -> str:
    """Return how the sums of the channels, the bias and ReLU make the result.

    ``only`` names the one channel where each is by itself.
    """
    sums = window.sums.tolist()
    names = channel_names(len(sums))
    if only is not None:
        sums, names = [sums[only]], (names[only],)
    total = float(sum(sums)) + bias
    parts = "".join(
        signed(value, first=place == 0) + (f" ({name})" if len(sums) > 1 else "")
        for place, (name, value) in enumerate(zip(names, sums, strict=True))
    )
    if bias:
        parts += f"{signed(bias)} (bias)"
    shown = short_number(total, 4)
    text = f"{parts} = {shown}" if len(sums) > 1 or bias else shown
    if relu:
        text += f"; ReLU: max(0, {shown}) = {short_number(max(0.0, total), 4)}"
    return text


def place_words(row: int, column: int, signal: bool = False) -> str:
    """Return where a pixel is, counted from 0 as in code."""
    return f"[{column}]" if signal else f"[{row}, {column}]"


def border_words(window: Window) -> str:
    """Return how much of a window lies on the border; empty when nothing does."""
    rows, cols = window.source_rows, window.source_cols
    height, width = len(window.rows), len(window.cols)
    inner_rows = sum(1 for row in rows.tolist() if row >= 0)
    inner_cols = sum(1 for col in cols.tolist() if col >= 0)
    outside = height * width - inner_rows * inner_cols
    return f"{outside} of {height * width} cells are zeros of the border" if outside else ""


def fed_words(row: int, column: int, value: float, fed: Sequence[Fed], signal: bool) -> str:
    """Return how many outputs an input pixel feeds."""
    place = place_words(row, column, signal)
    noun = "sample" if signal else "pixel"
    if not fed:
        return f"Input {noun} {place} = {short_number(value)} feeds nothing: no window reaches it."
    count = "1 output" if len(fed) == 1 else f"{len(fed)} outputs"
    return f"Input {noun} {place} = {short_number(value)} feeds {count}."


def fed_terms(value: float, fed: Sequence[Fed], signal: bool) -> str:
    """Return what an input pixel adds to each of the outputs that it feeds."""
    shown = fed if len(fed) <= MOST_TERMS else fed[: FIRST_TERMS + LAST_TERMS]
    parts = [
        f"y{place_words(one.row, one.col, signal)} gets "
        f"{factor(one.weight)}·{factor(value)} = {short_number(one.weight * value)}"
        for one in shown
    ]
    # A line may end between outputs, not within one.
    parts = [part.replace(" ", NO_BREAK) for part in parts]
    if len(shown) < len(fed):
        parts.append(f"and {len(fed) - len(shown)} more")
    return "   ".join(parts)
