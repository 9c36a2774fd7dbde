"""The program's own typefaces, so that text looks the same on every machine.

Inter sets words and numbers, JetBrains Mono sets code and tracebacks; both lie in ``assets/fonts``
under the SIL Open Font License.
"""

from __future__ import annotations

import functools
import logging

from PySide6.QtGui import QFont, QFontDatabase

from playground.assets_path import asset

_log = logging.getLogger(__name__)

UI_FAMILY = "Inter"
MONO_FAMILY = "JetBrains Mono"
FONT_FILES = (
    "Inter-Regular.otf",
    "Inter-Medium.otf",
    "Inter-SemiBold.otf",
    "JetBrainsMono-Regular.ttf",
    "JetBrainsMono-Medium.ttf",
)
Weight = QFont.Weight


@functools.cache
def load_fonts() -> tuple[str, ...]:
    """Register the bundled typefaces once and return the families that are now available.

    Needs a ``QGuiApplication``. A file that cannot be read costs a log line, not the start: Qt then
    falls back to the system's own sans-serif and monospaced faces.
    """
    families: dict[str, None] = {}
    for name in FONT_FILES:
        try:
            number = QFontDatabase.addApplicationFont(str(asset("fonts", name)))
        except FileNotFoundError as error:
            _log.warning("%s", str(error))
            continue
        if number < 0:
            _log.warning("The typeface %s could not be loaded.", name)
            continue
        families.update(dict.fromkeys(QFontDatabase.applicationFontFamilies(number)))
    return tuple(families)


def ui_font(px: float, weight: Weight = Weight.Normal) -> QFont:
    """Return the face for words at ``px`` logical pixels."""
    return QFont(_ui_font(round(px), weight))


def mono_font(px: float, weight: Weight = Weight.Normal) -> QFont:
    """Return the monospaced face at ``px`` logical pixels."""
    return QFont(_mono_font(round(px), weight))


def number_font(px: float, weight: Weight = Weight.Normal) -> QFont:
    """Return the face for words with tabular figures: digits of equal width, so columns stand."""
    return QFont(_number_font(round(px), weight))


def capitals_font(px: float) -> QFont:
    """Return the semibold face of group heads: small capitals-height letters, slightly spaced."""
    font = ui_font(px, Weight.DemiBold)
    font.setCapitalization(QFont.Capitalization.AllUppercase)
    font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 105.0)
    return font


# A new font is looked up among all typefaces when it is first drawn with; copies of one share what
# was found. Views ask for theirs with every picture.


@functools.cache
def _ui_font(px: int, weight: Weight) -> QFont:
    return _font((UI_FAMILY, "sans-serif"), px, weight, QFont.StyleHint.SansSerif)


@functools.cache
def _mono_font(px: int, weight: Weight) -> QFont:
    return _font((MONO_FAMILY, "monospace"), px, weight, QFont.StyleHint.Monospace)


@functools.cache
def _number_font(px: int, weight: Weight) -> QFont:
    font = QFont(_ui_font(px, weight))
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def _font(families: tuple[str, ...], px: int, weight: Weight, hint: QFont.StyleHint) -> QFont:
    font = QFont()
    font.setFamilies(list(families))
    font.setPixelSize(max(1, px))
    font.setWeight(weight)
    font.setStyleHint(hint)
    return font
