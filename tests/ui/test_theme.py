from __future__ import annotations

import gc
import itertools
import weakref

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QWidget

from playground.ui.cards import Card, GroupHead, Title
from playground.ui.colour_maps import contrast, linear_rgb
from playground.ui.style_sheet import style_sheet
from playground.ui.theme import DARK, LIGHT, lane, palette, pen, px, qcolor, theme

BOTH = pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
SURFACES = ("bg", "panel", "raised")


@BOTH
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("word", ["text", "muted", "accent", "ok", "warn", "bad"])
def test_words_keep_4_5_to_1(tokens, surface, word):
    assert contrast(getattr(tokens, word), getattr(tokens, surface)) >= 4.5


@BOTH
def test_words_on_the_accent_keep_4_5_to_1(tokens):
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5


@BOTH
def test_text_keeps_4_5_to_1_under_the_pointer(tokens):
    assert contrast(tokens.text, tokens.hover) >= 4.5


@BOTH
@pytest.mark.parametrize("surface", SURFACES)
def test_drawn_colours_keep_3_to_1(tokens, surface):
    drawn = (*tokens.lanes, tokens.class_plus, tokens.class_minus)
    assert all(contrast(colour, getattr(tokens, surface)) >= 3.0 for colour in drawn)


@BOTH
def test_lanes_differ(tokens):
    assert len(set(tokens.lanes)) == 8
    distances = [
        abs(linear_rgb(one) - linear_rgb(other)).max()
        for one, other in itertools.combinations(tokens.lanes, 2)
    ]
    assert min(distances) > 0.1


def test_contrast_of_black_and_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    # The example of the specification's own arithmetic: mid grey on white.
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_mode_switches_palette_sheet_and_tokens_and_tells_once(themed, qapp, qtbot):
    with qtbot.waitSignal(themed.changed):
        themed.set_mode("light")
    assert themed.tokens is LIGHT
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == LIGHT.panel
    assert LIGHT.raised in qapp.styleSheet()
    calls = []
    themed.changed.connect(lambda: calls.append(1))
    themed.set_mode("dark")
    themed.set_mode("dark")
    assert calls == [1]


def test_unknown_mode_is_refused_and_changes_nothing(themed):
    with pytest.raises(ValueError, match="one of system, dark, light"):
        themed.set_mode("sepia")
    assert themed.mode == "dark"


def test_system_mode_follows_the_desktop(themed, qapp):
    themed.set_mode("system")
    expected = LIGHT if qapp.styleHints().colorScheme() == Qt.ColorScheme.Light else DARK
    assert themed.tokens is expected


def test_explicit_mode_ignores_the_desktop(themed, qapp):
    themed.set_mode("light")
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert themed.tokens is LIGHT


def test_scale_enlarges_type_pens_and_lengths_and_is_clipped(themed, qapp):
    before = (qapp.font().pixelSize(), pen("text", 2.0).widthF(), px(10))
    themed.set_scale(2.0)
    after = (qapp.font().pixelSize(), pen("text", 2.0).widthF(), px(10))
    assert after == tuple(2 * value for value in before)
    themed.set_scale(9.0)
    assert themed.scale == 2.0
    themed.set_scale(0.1)
    assert themed.scale == 1.0


def test_pens_are_made_once_per_theme(themed):
    one = pen("accent", 2.0)
    assert pen("accent", 2.0) is one
    assert one.isCosmetic()
    themed.set_mode("light")
    assert pen("accent", 2.0).color().name() == LIGHT.accent


def test_colours_by_token_lane_and_code(themed):
    assert qcolor("accent").name() == DARK.accent
    assert qcolor(lane(9)).name() == DARK.lanes[1]
    assert qcolor("#123456").name() == "#123456"
    assert qcolor("text", 0.5).alphaF() == pytest.approx(0.5, abs=0.01)


@BOTH
def test_disabled_text_is_faint(tokens):
    made = palette(tokens)
    disabled = QPalette.ColorGroup.Disabled
    assert made.color(disabled, QPalette.ColorRole.WindowText).name() == tokens.faint
    assert made.color(QPalette.ColorRole.WindowText).name() == tokens.text


@BOTH
@pytest.mark.parametrize("scale", [1.0, 1.3, 2.0])
def test_the_sheet_is_whole(tokens, scale):
    sheet = style_sheet(tokens, lambda length: round(length * scale))
    assert "$" not in sheet
    assert sheet.count("{") == sheet.count("}")


def test_the_sheet_parses_and_its_pictures_exist(themed, qapp, qtbot):
    # Qt warns about what it cannot parse, and pytest-qt turns warnings into failures.
    from pathlib import Path

    urls = [part.split('")')[0] for part in qapp.styleSheet().split('url("')[1:]]
    assert urls
    assert all(Path(url).is_file() for url in urls)
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.ensurePolished()


@BOTH
def test_pictures_of_the_sheet_have_the_colours_of_the_tokens(tokens):
    from playground.assets_path import asset

    def written(name):
        return asset("icons", "style", f"{tokens.name}-{name}.svg").read_text(encoding="utf-8")

    assert tokens.muted in written("chevron-down")
    assert tokens.faint in written("chevron-down-off")
    assert tokens.on_accent in written("check")
    assert tokens.on_accent in written("dot")
    assert tokens.text in written("tick")


def test_listening_to_the_theme_keeps_no_widget_alive(themed):
    widgets = [Title("a"), GroupHead("b"), Card("c")]
    dead = [weakref.ref(widget) for widget in widgets]
    widgets.clear()
    gc.collect()
    assert [ref() for ref in dead] == [None, None, None]
    themed.set_scale(1.5)


def test_deleted_widgets_are_not_told(themed, qtbot):
    title = Title("gone")
    shiboken6.delete(title)
    themed.set_scale(1.2)


def test_type_follows_the_scale(themed, qtbot):
    title = Title("Perceptron")
    qtbot.addWidget(title)
    label = QLabel("x")
    qtbot.addWidget(label)
    themed.set_scale(2.0)
    assert title.font().pixelSize() == 36
    qtbot.waitUntil(lambda: label.font().pixelSize() == 26)


def test_there_is_one_manager(qapp):
    assert theme() is theme()
