"""Numbers in the sentences of a run: status, headline, verdict, rules and scores."""

from __future__ import annotations

WHOLE_FROM = 1000.0


def number_text(value: float) -> str:
    """Return four significant digits, whole from 1,000 on, with a minus sign and no hyphen."""
    text = f"{value:,.0f}" if abs(value) >= WHOLE_FROM else f"{value:.4g}"
    return text.replace("-", "−")


def counted(count: int, noun: str) -> str:
    """Return for example ``"1 episode"`` or ``"1,200 episodes"``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
