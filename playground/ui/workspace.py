"""How the window is divided: rail, stage, lesson and inspector side by side, transport below.

Where the window is too narrow for all three, the lesson takes the inspector's place and gives it
back when it is closed; nothing overlaps and nothing is clipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from playground.ui.lesson_panel import LessonPanel

INSPECTOR_WIDTH, INSPECTOR_MIN, INSPECTOR_MAX = 300, 260, 420
LESSON_WIDTH, LESSON_MIN, LESSON_MAX = 340, 280, 560
STAGE_MIN = 480
NARROW_STAGE = 320
SMALLEST_WIDTH, SMALLEST_HEIGHT = 640, 420


class SidePanel(QScrollArea):
    """A scrollable column at the right, on the colour of panels, with a line at its left."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make an empty column."""
        super().__init__(parent)
        self.setObjectName("side")
        self.setAccessibleName(name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._waiting = QWidget(self)
        self._waiting.hide()

    def put(self, widget: QWidget) -> None:
        """Show another widget; the one before lives on, hidden."""
        before = self.takeWidget()
        if before is not None and before is not widget:
            before.setParent(self._waiting)
        self.setWidget(widget)
        widget.show()


class Workspace(QWidget):
    """The central widget of the window."""

    sides_changed = Signal()
    """The lesson or the inspector was shown or hidden."""

    def __init__(
        self,
        rail: QWidget,
        stage: QWidget,
        lesson: LessonPanel,
        transport: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        """Put the parts together."""
        super().__init__(parent)
        self.inspector = SidePanel("Inspector")
        self._rail, self._stage, self._lesson = rail, stage, lesson
        self._lesson_wanted = False
        self._inspector_wanted = True
        self._lesson_width = LESSON_WIDTH
        self._inspector_width = INSPECTOR_WIDTH
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(1)
        for part in (stage, lesson, self.inspector):
            self._splitter.addWidget(part)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 0)
        self._splitter.setStretchFactor(2, 0)
        self._splitter.splitterMoved.connect(self._on_splitter_moved)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(rail)
        upper.addWidget(self._splitter, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper, 1)
        column.addWidget(transport)
        lesson.hide()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def inspector_width(self) -> int:
        """Width of the inspector in pixels at scale 1."""
        return self._inspector_width

    @property
    def inspector_wanted(self) -> bool:
        """Tell whether the inspector is to be shown where there is room."""
        return self._inspector_wanted

    @property
    def lesson_wanted(self) -> bool:
        """Tell whether the lesson is to be shown."""
        return self._lesson_wanted

    def show_inspector(self, visible: bool) -> None:
        """Show or hide the inspector; where both do not fit, it takes the lesson's place."""
        self._inspector_wanted = visible
        if visible and self._lesson_wanted and not self._both_fit():
            self._lesson_wanted = False
        self._arrange()

    def show_lesson(self, visible: bool) -> None:
        """Show or hide the lesson."""
        self._lesson_wanted = visible
        self._arrange()

    def restore(self, inspector_width: int, inspector: bool, lesson: bool) -> None:
        """Restore what was remembered; widths out of range are clipped."""
        self._inspector_width = min(INSPECTOR_MAX, max(INSPECTOR_MIN, inspector_width))
        self._inspector_wanted = inspector
        self._lesson_wanted = lesson
        self._arrange()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        # The one-pixel handles of the splitter let this shine through: lines between the parts.
        painter.fillRect(self.rect(), qcolor("line"))
        painter.end()

    @override
    def minimumSizeHint(self) -> QSize:
        # What does not fit is put away, so that lecture scale never makes the window outgrow
        # the screen.
        return QSize(SMALLEST_WIDTH, SMALLEST_HEIGHT)

    def _both_fit(self) -> bool:
        sides = px(self._lesson_width) + px(self._inspector_width)
        return self.width() - self._rail.sizeHint().width() - sides >= px(STAGE_MIN)

    def _one_fits(self, smallest: int) -> bool:
        return self.width() - self._rail.sizeHint().width() - px(smallest) >= NARROW_STAGE

    def _inspector_room(self) -> int:
        room = self.width() - self._rail.sizeHint().width() - px(STAGE_MIN)
        return max(px(INSPECTOR_MIN), min(px(self._inspector_width), room))

    def _lesson_room(self, inspector: bool) -> int:
        beside = self._rail.sizeHint().width() + (px(self._inspector_width) if inspector else 0)
        room = self.width() - beside - px(STAGE_MIN)
        return max(LESSON_MIN, min(px(self._lesson_width), room))

    def _arrange(self) -> None:
        lesson = self._lesson_wanted
        inspector = self._inspector_wanted and (
            self._both_fit() if lesson else self._one_fits(INSPECTOR_MIN)
        )
        changed = (lesson, inspector) != (
            not self._lesson.isHidden(),
            not self.inspector.isHidden(),
        )
        self._lesson.setVisible(lesson)
        self.inspector.setVisible(inspector)
        room = max(1, self.width() - self._rail.sizeHint().width())
        widths = [
            self._lesson_room(inspector) if lesson else 0,
            self._inspector_room() if inspector else 0,
        ]
        self._splitter.setSizes([max(px(200), room - sum(widths)), *widths])
        if changed:
            self.sides_changed.emit()

    def _on_splitter_moved(self) -> None:
        _, lesson, inspector = self._splitter.sizes()
        scale = theme().scale
        if not self._lesson.isHidden():
            self._lesson_width = round(lesson / scale)
        if not self.inspector.isHidden():
            self._inspector_width = round(inspector / scale)

    def _on_theme_changed(self) -> None:
        # Not scaled: in a narrow window lecture scale leaves room for the stage first.
        self._lesson.setMinimumWidth(LESSON_MIN)
        self._lesson.setMaximumWidth(px(LESSON_MAX))
        self.inspector.setMinimumWidth(px(INSPECTOR_MIN))
        self.inspector.setMaximumWidth(px(INSPECTOR_MAX))
        self._stage.setMinimumWidth(NARROW_STAGE)
        self._arrange()
        self.update()
