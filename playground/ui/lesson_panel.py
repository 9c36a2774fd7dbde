"""The lesson of a pane: guided experiments, one page each, whose links set the pane up.

A lesson is a Markdown file in ``assets/lessons``. What stands before the first ``## `` heading is
the introduction; each ``## `` heading begins an experiment. A line ``<!-- reveal -->`` hides the
rest of its experiment behind a link, so that one can predict first. Links ``play:preset-name`` set
the pane up, ``view:name`` brings a view to the front.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QTextBrowser, QVBoxLayout, QWidget

from playground.assets_path import asset
from playground.ui.cards import GroupHead
from playground.ui.controls import IconButton
from playground.ui.fonts import Weight, ui_font
from playground.ui.theme import TEXT_PX, TITLE_PX, px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Iterator

REVEAL_MARK = "<!-- reveal -->"
REVEAL_LINK = "\n\n[Show what happens, and why](reveal:)\n"
LINE_HEIGHT_PERCENT = 140
WEB_SCHEMES = {"http", "https"}


@dataclass(frozen=True, slots=True)
class Page:
    """One experiment of a lesson (or its introduction): title, text, and what is held back."""

    title: str
    body: str
    revealed: str = ""


def pages_of(markdown: str) -> tuple[Page, ...]:
    """Return the pages of a lesson; a text without headings is one page."""
    parts = re.split(r"(?m)^(?=## )", markdown)
    pages = []
    for part in parts:
        if not part.strip():
            continue
        heading = re.match(r"#+\s*(.+)", part.strip())
        body, _, hidden = part.partition(REVEAL_MARK)
        pages.append(
            Page(heading.group(1).strip() if heading else "", body.strip(), hidden.strip())
        )
    return tuple(pages)


def lesson_text(name: str) -> str:
    """Return the Markdown of a lesson.

    Raises
    ------
    FileNotFoundError
        If there is no such lesson, or it cannot be read.
    """
    path = asset("lessons", f"{name}.md")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileNotFoundError(f"The lesson {path.name} cannot be read: {error}") from None


class LessonPanel(QFrame):
    """Shows one page of a lesson at a time, with the way to the next."""

    preset_asked = Signal(str)
    view_asked = Signal(str)
    close_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Build the panel without a lesson."""
        super().__init__(parent)
        self.setObjectName("lesson")
        self.setAutoFillBackground(True)
        self._pages: tuple[Page, ...] = ()
        self._index = 0
        self._revealed: set[int] = set()
        self._name = ""
        self._head = GroupHead("Lesson")
        self._close = IconButton("x", "Close the lesson (L)", size=16)
        self._close.clicked.connect(self.close_asked)
        self._browser = QTextBrowser()
        self._browser.setOpenLinks(False)
        self._browser.setFrameShape(QFrame.Shape.NoFrame)
        self._browser.setProperty("lesson", "true")
        self._browser.setAccessibleName("Lesson")
        self._browser.anchorClicked.connect(self._on_anchor_clicked)
        self._back = IconButton("chevron-left", "The experiment before", size=18)
        self._next = IconButton("chevron-right", "The next experiment", size=18)
        self._back.clicked.connect(lambda: self.go_to(self._index - 1))
        self._next.clicked.connect(lambda: self.go_to(self._index + 1))
        self._where = QLabel()
        self._where.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._where.setProperty("role", "muted")
        self._build()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def page(self) -> int:
        """Index of the page shown; 0 is the introduction."""
        return self._index

    @property
    def pages(self) -> tuple[Page, ...]:
        """All pages of the lesson."""
        return self._pages

    @property
    def browser(self) -> QTextBrowser:
        """The text area."""
        return self._browser

    def open_lesson(self, name: str, page: int = 0) -> None:
        """Show a lesson by its file name; a missing one is said in a sentence."""
        if name == self._name:
            return
        self._name = name
        self._revealed.clear()
        try:
            self._pages = pages_of(lesson_text(name))
        except FileNotFoundError:
            self._pages = ()
        if not self._pages:
            sentence = f"There is no lesson for “{name}” yet. Play with the pane as it is."
            self._pages = (Page("", sentence),)
        self.go_to(page)

    def go_to(self, page: int) -> None:
        """Show a page; numbers outside the lesson show its first or last page."""
        self._index = min(max(0, page), len(self._pages) - 1)
        self._show_page()

    def sizeHint(self) -> QSize:
        """Return a width that reads well: some sixty characters a line."""
        return QSize(px(360), px(500))

    def _build(self) -> None:
        self._column = QVBoxLayout(self)
        head = QHBoxLayout()
        head.addWidget(self._head, 1)
        head.addWidget(self._close)
        self._column.addLayout(head)
        self._column.addWidget(self._browser, 1)
        foot = QHBoxLayout()
        foot.addWidget(self._back)
        foot.addWidget(self._where, 1)
        foot.addWidget(self._next)
        self._column.addLayout(foot)

    def _show_page(self) -> None:
        if not self._pages:
            return
        page = self._pages[self._index]
        text = page.body
        if page.revealed and self._index in self._revealed:
            text = f"{text}\n\n{page.revealed}"
        elif page.revealed:
            text += REVEAL_LINK
        if self._index == 0:
            text += _contents(self._pages)
        document = self._browser.document()
        document.setDefaultFont(ui_font(px(TEXT_PX)))
        self._browser.setSearchPaths(_picture_folders())
        self._browser.setMarkdown(text)
        self._typeset()
        last = len(self._pages) - 1
        for widget in (self._back, self._where, self._next):
            widget.setVisible(last > 0)
        self._back.setEnabled(self._index > 0)
        self._next.setEnabled(self._index < last)
        if self._index == 0:
            self._where.setText(f"{last} experiments")
        else:
            self._where.setText(f"Experiment {self._index} of {last}")

    def _typeset(self) -> None:
        """Give the Markdown line height, room between paragraphs, and links that look like keys."""
        for block in _blocks(self._browser):
            cursor = QTextCursor(block)
            level = block.blockFormat().headingLevel()
            shape = QTextBlockFormat()
            line_height = 120 if level else LINE_HEIGHT_PERCENT
            shape.setLineHeight(
                line_height, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
            )
            shape.setBottomMargin(px(8))
            if level:
                shape.setTopMargin(px(4 if level <= 2 else 10))
            cursor.mergeBlockFormat(shape)
            if level:
                cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
                letters = QTextCharFormat()
                size = TITLE_PX if level <= 2 else TEXT_PX + 1
                letters.setFont(ui_font(px(size), Weight.DemiBold))
                # Not merged: the reader of Markdown leaves an enlargement that would remain.
                cursor.setCharFormat(letters)
            self._typeset_links(block)

    def _typeset_links(self, block: QTextBlock) -> None:
        spans = []
        iterator = block.begin()
        while not iterator.atEnd():
            fragment = iterator.fragment()
            if fragment.charFormat().isAnchor():
                href = fragment.charFormat().anchorHref()
                spans.append((fragment.position(), fragment.length(), href))
            iterator += 1
        for position, length, href in spans:
            cursor = QTextCursor(block)
            cursor.setPosition(position)
            cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
            letters = QTextCharFormat()
            letters.setForeground(qcolor("accent"))
            letters.setFontUnderline(href.partition(":")[0] in WEB_SCHEMES)
            if href.startswith(("play:", "reveal:")):
                letters.setFontWeight(Weight.DemiBold)
                letters.setBackground(qcolor("accent", 0.14))
            cursor.mergeCharFormat(letters)

    def _on_anchor_clicked(self, url: QUrl) -> None:
        name = url.path().strip("/")
        match url.scheme():
            case "play":
                self.preset_asked.emit(name)
            case "page":
                self.go_to(int(name) if name.isdecimal() else 0)
            case "view":
                self.view_asked.emit(name)
            case "reveal":
                place = self._browser.verticalScrollBar().value()
                self._revealed.add(self._index)
                self._show_page()
                self._browser.verticalScrollBar().setValue(place)
            case scheme if scheme in WEB_SCHEMES:
                QDesktopServices.openUrl(url)

    def _on_theme_changed(self) -> None:
        margin = px(12)
        self._column.setContentsMargins(margin, margin, margin, margin)
        self._column.setSpacing(px(8))
        self._browser.setStyleSheet(
            "QTextBrowser { background: transparent; border: none; padding: 0; }"
        )
        place = self._browser.verticalScrollBar().value()
        self._show_page()
        self._browser.verticalScrollBar().setValue(place)


def _contents(pages: tuple[Page, ...]) -> str:
    links = [f"[{page.title}](page:{number})" for number, page in enumerate(pages) if number]
    return "".join(f"\n\n{link}" for link in links)


def _picture_folders() -> list[str]:
    try:
        lessons = asset("lessons")
    except FileNotFoundError:
        return []
    return [str(lessons), str(lessons.parent)]


def _blocks(browser: QTextBrowser) -> Iterator[QTextBlock]:
    block = browser.document().begin()
    while block.isValid():
        yield block
        block = block.next()
