"""What every view of the Fourier laboratory is about, in a few sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playground.experiments.fourier_snapshot import View

THEORY: Final[dict[View, str]] = {
    "filter": "",
    "transform": (
        "Turned by θ: the spectrum turns by θ.\n"
        "Scaled by s: the spectrum is scaled by 1/s.\n"
        "Shifted by (a, b): magnitudes stay, phases turn by −2π(a·k/h + b·l/w).\n"
        "Blurred, width σ: the spectrum is multiplied by exp(−2π²σ²r²)."
    ),
    "theorem": (
        "(f∗g)(y, x) = Σᵢ Σⱼ g(i, j) · f(y − i, x − j) takes one product for every cell of g and "
        "every pixel. Over there it is one product for every frequency: F(f∗g) = F(f) · F(g). Dark "
        "in |G| is what the kernel takes away."
    ),
    "sampling": (
        "Samples s pixels apart cannot tell a frequency from another one 1/s away: all that lies "
        "outside the square is folded into it. Of a picture within the square the samples say "
        "everything (the sampling theorem)."
    ),
    "border": (
        "The transform takes the picture for one tile of an endless pattern. Where opposite edges "
        "do not fit, there is an edge all along the seam: a cross of lines through the middle of "
        "the spectrum. Fading the edges takes the seam away, and the cross with it."
    ),
}
