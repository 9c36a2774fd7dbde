from __future__ import annotations

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from playground.ui import lesson_panel
from playground.ui.lesson_panel import LessonPanel, pages_of
from playground.ui.theme import theme

LESSON = """# Lines that learn

What this is about.

## Order matters

Press [online](play:online-order) and look at [the plane](view:plane).

Guess first.

<!-- reveal -->

It takes **ten** epochs, see [the paper](https://example.org/paper).

## Batch

No order here.
"""


@pytest.fixture
def panel(qtbot, monkeypatch):
    texts = {"order": LESSON, "flat": "Only words."}

    def text_of(name):
        if name not in texts:
            raise FileNotFoundError(name)
        return texts[name]

    monkeypatch.setattr(lesson_panel, "lesson_text", text_of)
    panel = LessonPanel()
    qtbot.addWidget(panel)
    panel.presets, panel.views = [], []
    panel.preset_asked.connect(panel.presets.append)
    panel.view_asked.connect(panel.views.append)
    panel.open_lesson("order")
    return panel


def words(panel):
    return panel.browser.toPlainText()


def click(panel, link):
    panel.browser.anchorClicked.emit(QUrl(link))


def test_pages_are_introduction_and_experiments():
    pages = pages_of(LESSON)
    assert [page.title for page in pages] == ["Lines that learn", "Order matters", "Batch"]
    assert "ten" in pages[1].revealed
    assert "ten" not in pages[1].body
    assert pages_of("") == ()


def test_one_page_at_a_time(panel):
    assert "What this is about" in words(panel)
    panel.go_to(1)
    assert "Guess first" in words(panel)
    assert "What this is about" not in words(panel)
    panel.go_to(99)
    assert panel.page == 2
    panel.go_to(-5)
    assert panel.page == 0


def test_links_set_the_pane_up(panel):
    panel.go_to(1)
    click(panel, "play:online-order")
    click(panel, "view:plane")
    assert (panel.presets, panel.views) == (["online-order"], ["plane"])
    assert "Guess first" in words(panel)


def test_what_happens_is_hidden_until_asked(panel):
    panel.go_to(1)
    assert "ten epochs" not in words(panel)
    assert "Show what happens" in words(panel)
    click(panel, "reveal:")
    assert "ten epochs" in words(panel)
    panel.go_to(2)
    panel.go_to(1)
    assert "ten epochs" in words(panel)


def test_a_page_of_the_web_is_opened_outside(panel, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    click(panel, "https://example.org/paper")
    click(panel, "file:///etc/passwd")
    assert opened == ["https://example.org/paper"]


def test_a_missing_lesson_is_said_in_a_sentence(panel):
    panel.open_lesson("nothing")
    assert "There is no lesson for “nothing” yet" in words(panel)


def test_the_same_lesson_again_keeps_the_page(panel):
    panel.go_to(2)
    panel.open_lesson("order")
    assert panel.page == 2


def test_a_remembered_page_is_restored_within_the_lesson(panel):
    panel.open_lesson("flat", page=7)
    assert panel.page == 0
    assert "Only words" in words(panel)


def test_the_introduction_lists_the_experiments(panel):
    assert "Order matters\nBatch" in words(panel)
    click(panel, "page:2")
    assert panel.page == 2
    click(panel, "page:nonsense")
    assert panel.page == 0


def test_type_follows_the_lecture_scale_and_colours_the_theme(panel):
    panel.go_to(1)
    before = panel.browser.document().defaultFont().pixelSize()
    mode = theme().mode
    try:
        theme().set_scale(2.0)
        theme().set_mode("light")
        assert panel.browser.document().defaultFont().pixelSize() == 2 * before
        assert panel.page == 1
    finally:
        theme().set_scale(1.0)
        theme().set_mode(mode)
