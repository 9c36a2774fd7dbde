from __future__ import annotations

import gc

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QIcon, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QToolButton

from playground.assets_path import asset
from playground.ui.icons import icon, icon_names, icon_pixmap, themed_icon
from playground.ui.theme import DARK, LIGHT


def colours(pixmap: QPixmap) -> set[str]:
    image = pixmap.toImage()
    return {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


@pytest.mark.parametrize("name", icon_names())
def test_every_file_is_a_drawing_in_the_current_colour(qapp, name):
    path = asset("icons", f"{name}.svg")
    assert "currentColor" in path.read_text(encoding="utf-8")
    renderer = QSvgRenderer(str(path))
    assert renderer.isValid()
    assert renderer.viewBox().size() == QSize(24, 24)


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0, 3.0])
def test_pictures_have_exactly_the_pixels_of_the_screen(themed, ratio):
    picture = icon("play").pixmap(QSize(18, 18), ratio)
    assert picture.devicePixelRatio() == ratio
    assert picture.size() == QSize(18, 18) * ratio


def test_colour_follows_the_theme_without_a_new_icon(themed):
    made = icon("square")
    assert colours(made.pixmap(QSize(48, 48), 1.0)) == {DARK.text}
    themed.set_mode("light")
    assert colours(made.pixmap(QSize(48, 48), 1.0)) == {LIGHT.text}


def test_disabled_and_checked_have_colours_of_their_own(themed):
    made = icon("square", color="muted", on="accent")
    size = QSize(48, 48)
    assert colours(made.pixmap(size, 1.0, QIcon.Mode.Disabled)) == {DARK.faint}
    assert colours(made.pixmap(size, 1.0, QIcon.Mode.Normal, QIcon.State.On)) == {DARK.accent}


def test_unknown_icon_is_named(themed):
    with pytest.raises(FileNotFoundError, match=r"icons/no-such\.svg"):
        icon("no-such")


def test_pictures_are_made_once(themed):
    first = icon_pixmap("pause", 20, "accent", 2.0)
    assert icon_pixmap("pause", 20, "accent", 2.0).cacheKey() == first.cacheKey()


def test_icons_survive_their_maker(themed, qtbot):
    button, action = QToolButton(), QAction()
    qtbot.addWidget(button)
    themed_icon(button, "play")
    themed_icon(action, "pause", color="accent")
    gc.collect()
    assert not button.grab().isNull()
    assert colours(action.icon().pixmap(QSize(48, 48), 1.0)) == {DARK.accent}


def test_the_set_is_credited():
    assert "Lucide" in asset("icons", "README.md").read_text(encoding="utf-8")
    assert "ISC License" in asset("icons", "LICENSE").read_text(encoding="utf-8")
