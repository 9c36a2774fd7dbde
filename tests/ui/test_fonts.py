from __future__ import annotations

import logging

from PySide6.QtGui import QFontInfo, QFontMetricsF

from playground.assets_path import asset
from playground.ui import fonts
from playground.ui.fonts import Weight, capitals_font, load_fonts, mono_font, number_font, ui_font


def test_all_faces_load_and_are_used(qapp):
    families = load_fonts()
    assert fonts.UI_FAMILY in families
    assert fonts.MONO_FAMILY in families
    assert QFontInfo(ui_font(13)).family() == fonts.UI_FAMILY
    assert QFontInfo(mono_font(13)).family() == fonts.MONO_FAMILY
    assert QFontInfo(mono_font(13)).fixedPitch()
    assert QFontInfo(ui_font(13, Weight.DemiBold)).weight() == Weight.DemiBold


def test_loading_twice_costs_nothing(qapp):
    assert load_fonts() is load_fonts()


def test_figures_of_the_number_font_are_equally_wide(qapp):
    load_fonts()
    metrics = QFontMetricsF(number_font(13))
    widths = {round(metrics.horizontalAdvance(digit * 8), 3) for digit in "0123456789"}
    assert len(widths) == 1
    plain = QFontMetricsF(ui_font(13))
    assert plain.horizontalAdvance("1" * 8) != plain.horizontalAdvance("0" * 8)


def test_group_heads_are_capitals(qapp):
    load_fonts()
    wide = QFontMetricsF(capitals_font(11)).horizontalAdvance("data")
    assert wide == QFontMetricsF(capitals_font(11)).horizontalAdvance("DATA")


def test_licences_lie_beside_the_files():
    for name in ("OFL-Inter.txt", "OFL-JetBrainsMono.txt"):
        text = asset("fonts", name).read_text(encoding="utf-8")
        assert "SIL OPEN FONT LICENSE" in text
        assert text.startswith("Copyright")


def test_a_missing_face_is_a_log_line(qapp, monkeypatch, caplog):
    monkeypatch.setattr(fonts, "FONT_FILES", ("Missing.otf", "Inter-Regular.otf"))
    with caplog.at_level(logging.WARNING):
        families = load_fonts.__wrapped__()
    assert families == (fonts.UI_FAMILY,)
    assert "Missing.otf" in caplog.text
