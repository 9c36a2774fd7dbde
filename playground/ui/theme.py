"""The look, defined once: colour tokens, lecture scale, and the manager that applies them.

Everything that paints asks :func:`theme` at paint time (``theme().tokens.accent``, ``px(12)``,
``qcolor("line")``, ``pen("accent", 2)``); whatever caches listens to ``theme().changed``.
"""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette, QPen
from PySide6.QtWidgets import QApplication, QToolTip

from playground.ui.colour_maps import ColourTable, diverging_map, scalar_map
from playground.ui.fonts import load_fonts, ui_font
from playground.ui.style_sheet import style_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

Mode = Literal["system", "dark", "light"]
MODES: tuple[Mode, ...] = ("system", "dark", "light")
MIN_SCALE, MAX_SCALE, SCALE_STEP = 1.0, 2.0, 0.1

TEXT_PX = 13
TITLE_PX = 18
HEAD_PX = 11


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one theme, written ``#rrggbb``; what each is for stands in its name.

    ``faint`` is for tick marks and disabled things, never for words that matter. ``control`` is
    the edge of inputs and the empty part of sliders, ``on_accent`` what is written on the accent.
    ``lanes`` are the Okabe–Ito hues (Okabe and Ito, "Color Universal Design", 2008) in their
    order, black last, adjusted so that each keeps 3:1 to the background.
    """

    name: Literal["dark", "light"]
    bg: str
    panel: str
    raised: str
    hover: str
    line: str
    control: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    class_plus: str
    class_minus: str
    neutral: str
    ok: str
    warn: str
    bad: str
    lanes: tuple[str, ...]

    @property
    def scalar_map(self) -> ColourTable:
        """Perceptually uniform (256, 4) uint8 RGBA table for unsigned values."""
        return scalar_map()

    @property
    def diverging_map(self) -> ColourTable:
        """Zero-centred (256, 4) uint8 RGBA table from class −1 over neutral to class +1."""
        return diverging_map(self.class_minus, self.neutral, self.class_plus)


DARK = Tokens(
    name="dark",
    bg="#14171c",
    panel="#1b1f26",
    raised="#232933",
    hover="#2c3440",
    line="#2f3742",
    control="#47515f",
    text="#e6e9ef",
    muted="#9aa4b2",
    faint="#5c6675",
    accent="#5aa9ff",
    on_accent="#0d1117",
    class_plus="#4f9df7",
    class_minus="#f5974e",
    neutral="#1d2127",
    ok="#4cc38a",
    warn="#f2b84b",
    bad="#f2686b",
    lanes=(
        "#e99604",
        "#56c2fe",
        "#2f9e7f",
        "#eae160",
        "#2f83dc",
        "#e0531a",
        "#d98fb8",
        "#e6e9ef",
    ),
)

LIGHT = Tokens(
    name="light",
    bg="#ffffff",
    panel="#f5f6f8",
    raised="#ffffff",
    hover="#e9ecf1",
    line="#d9dde3",
    control="#aab3bf",
    text="#1b1f26",
    muted="#5c6675",
    faint="#9aa4b2",
    accent="#1f6fd6",
    on_accent="#ffffff",
    class_plus="#1f6fd6",
    class_minus="#d9661f",
    neutral="#f7f8fa",
    # A little darker than the sketch: 4.3:1 and 4.1:1 were too faint for words on a panel.
    ok="#187a50",
    warn="#946000",
    bad="#c5393d",
    lanes=(
        "#c97a00",
        "#3292cc",
        "#12876a",
        "#5e5500",
        "#0a4f91",
        "#b53c00",
        "#9c4587",
        "#1b1f26",
    ),
)


class ThemeManager(QObject):
    """Holds mode, scale and motion; applies palette, font and style sheet to the application.

    ``changed`` fires once after everything has been applied.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._mode: Mode = "system"
        self._scale = 1.0
        self._reduced_motion = False
        self._device_ratio = 1.0
        self._tokens = DARK
        self._app: QApplication | None = None
        self._pens: dict[tuple[str, float, Qt.PenStyle, float], QPen] = {}

    @property
    def tokens(self) -> Tokens:
        """The colours in force."""
        return self._tokens

    @property
    def mode(self) -> Mode:
        """What was asked for; ``"system"`` follows the desktop."""
        return self._mode

    @property
    def scale(self) -> float:
        """Lecture scale, 1.0 … 2.0: type, lines and controls together."""
        return self._scale

    @property
    def reduced_motion(self) -> bool:
        """True when animations are to be left out."""
        return self._reduced_motion

    def install(self, app: QApplication) -> None:
        """Take over the look of the application: Fusion, own fonts, palette and style sheet."""
        first = self._app is None
        self._app = app
        app.setStyle("Fusion")
        load_fonts()
        if first:
            app.styleHints().colorSchemeChanged.connect(self._on_system_scheme_changed)
            self._device_ratio = app.devicePixelRatio()
        self._apply()

    def set_mode(self, mode: Mode) -> None:
        """Switch the theme at run time; raises ValueError for an unknown name."""
        if mode not in MODES:
            raise ValueError(f"The theme must be one of {', '.join(MODES)} (got {mode}).")
        if mode != self._mode:
            self._mode = mode
            self._apply()

    def set_scale(self, scale: float) -> None:
        """Set the lecture scale, clipped to 1.0 … 2.0."""
        clipped = round(min(max(scale, MIN_SCALE), MAX_SCALE), 2)
        if clipped != self._scale:
            self._scale = clipped
            self._apply()

    def set_reduced_motion(self, reduced: bool) -> None:
        """Leave animations out, or bring them back."""
        if reduced != self._reduced_motion:
            self._reduced_motion = reduced
            self.changed.emit()

    def set_device_ratio(self, ratio: float) -> None:
        """Make pens for a screen of another resolution; plots tell when they come onto one."""
        if ratio != self._device_ratio:
            self._device_ratio = ratio
            self._pens.clear()
            self.changed.emit()

    @contextlib.contextmanager
    def drawing_at(self, ratio: float) -> Iterator[None]:
        """Hand out pens for a picture of another resolution; nobody else is told."""
        before = self._device_ratio
        self._device_ratio = ratio
        self._pens.clear()
        try:
            yield
        finally:
            self._device_ratio = before
            self._pens.clear()

    def pen_width(self, width: float) -> float:
        """Return the width of a cosmetic pen: Qt counts it in pixels of the screen."""
        return width * self._scale * self._device_ratio

    def px(self, length: float) -> int:
        """Return a length in logical pixels at the lecture scale, rounded."""
        return round(length * self._scale)

    def pen(
        self,
        token: str,
        width: float,
        style: Qt.PenStyle = Qt.PenStyle.SolidLine,
        alpha: float = 1.0,
    ) -> QPen:
        """Return a cosmetic pen that is made once per theme; do not modify it."""
        key = (token, width, style, alpha)
        made = self._pens.get(key)
        if made is None:
            made = QPen(self.colour(token, alpha), self.pen_width(width), style)
            made.setCosmetic(True)
            made.setCapStyle(Qt.PenCapStyle.RoundCap)
            made.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            self._pens[key] = made
        return made

    def colour(self, token: str, alpha: float = 1.0) -> QColor:
        """Return the colour of a token, a lane (``"lane:3"``) or ``#rrggbb``; alpha in [0, 1]."""
        made = QColor(self._written(token))
        if alpha < 1.0:
            made.setAlphaF(alpha)
        return made

    def _written(self, token: str) -> str:
        if token.startswith("#"):
            return token
        if token.startswith("lane:"):
            lanes = self._tokens.lanes
            return lanes[int(token[5:]) % len(lanes)]
        return str(getattr(self._tokens, token))

    def _on_system_scheme_changed(self) -> None:
        if self._mode == "system":
            self._apply()

    def _apply(self) -> None:
        self._tokens = self._resolve()
        self._pens.clear()
        app = self._app
        if app is not None:
            hints = app.styleHints()
            # Title bars and native dialogs follow what is asked for here.
            match self._mode:
                case "dark":
                    hints.setColorScheme(Qt.ColorScheme.Dark)
                case "light":
                    hints.setColorScheme(Qt.ColorScheme.Light)
                case _:
                    hints.unsetColorScheme()
                    self._tokens = self._resolve()
            font = ui_font(self.px(TEXT_PX))
            app.setFont(font)
            QToolTip.setFont(font)
            app.setPalette(palette(self._tokens))
            app.setStyleSheet(style_sheet(self._tokens, self.px))
        self.changed.emit()

    def _resolve(self) -> Tokens:
        if self._mode != "system":
            return LIGHT if self._mode == "light" else DARK
        if not isinstance(QGuiApplication.instance(), QGuiApplication):
            return DARK
        scheme = QGuiApplication.styleHints().colorScheme()
        return LIGHT if scheme == Qt.ColorScheme.Light else DARK


@functools.cache
def theme() -> ThemeManager:
    """Return the one manager of the process."""
    return ThemeManager()


def px(length: float) -> int:
    """Return a length in logical pixels at the lecture scale."""
    return theme().px(length)


def qcolor(token: str, alpha: float = 1.0) -> QColor:
    """Return the colour of a token in the theme in force."""
    return theme().colour(token, alpha)


def pen(
    token: str,
    width: float = 2.0,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
    alpha: float = 1.0,
) -> QPen:
    """Return the cached cosmetic pen of a token, lane or colour; do not modify it."""
    return theme().pen(token, width, style, alpha)


def lane(place: int) -> str:
    """Return the token of the n-th lane, understood wherever a colour is asked for."""
    return f"lane:{place}"


def palette(tokens: Tokens) -> QPalette:
    """Return the Qt palette of a theme, disabled colours included."""
    made = QPalette()
    roles = QPalette.ColorRole
    colours = {
        roles.Window: tokens.panel,
        roles.Base: tokens.raised,
        roles.AlternateBase: tokens.panel,
        roles.Button: tokens.raised,
        roles.ToolTipBase: tokens.raised,
        roles.WindowText: tokens.text,
        roles.Text: tokens.text,
        roles.ButtonText: tokens.text,
        roles.ToolTipText: tokens.text,
        roles.BrightText: tokens.bad,
        roles.PlaceholderText: tokens.muted,
        roles.Highlight: tokens.accent,
        roles.HighlightedText: tokens.on_accent,
        roles.Accent: tokens.accent,
        roles.Link: tokens.accent,
        roles.LinkVisited: tokens.accent,
        roles.Light: tokens.hover,
        roles.Midlight: tokens.hover,
        roles.Mid: tokens.line,
        roles.Dark: tokens.line,
        roles.Shadow: tokens.bg,
    }
    for role, colour in colours.items():
        made.setColor(role, QColor(colour))
    faint = QColor(tokens.faint)
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, faint)
    made.setColor(QPalette.ColorGroup.Disabled, roles.Highlight, QColor(tokens.line))
    made.setColor(QPalette.ColorGroup.Disabled, roles.HighlightedText, faint)
    return made
