"""The colour of a lane: the theme's lanes first, then paler forms of them."""

from __future__ import annotations

from playground.ui.theme import lane, qcolor, theme

PALER = 0.5


def lane_colour(place: int) -> str:
    """Return the token of a lane's colour, or ``#rrggbb`` where the theme has no more of them."""
    count = len(theme().tokens.lanes)
    if place < count:
        return lane(place)
    front, text = qcolor(lane(place % count)), qcolor("text")
    pairs = (
        (front.red(), text.red()),
        (front.green(), text.green()),
        (front.blue(), text.blue()),
    )
    mixed = (round((1.0 - PALER) * one + PALER * other) for one, other in pairs)
    return "#" + "".join(f"{part:02x}" for part in mixed)
