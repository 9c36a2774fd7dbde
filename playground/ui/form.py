"""The inspector made from a spec: groups of editors that follow one declarative model.

State flows one way. A person's edit leaves through :attr:`SpecForm.edited`; what holds is told by
:meth:`SpecForm.set_spec`, which never emits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from playground.experiments.spec import (
    Spec,
    SpecError,
    describe,
    dotted,
    replace_at,
    value_at,
)
from playground.ui.fonts import capitals_font
from playground.ui.form_rows import FormRow, make_row
from playground.ui.icons import icon_pixmap
from playground.ui.theme import HEAD_PX, px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from playground.experiments.spec import Path


CHEVRON_PX = 14
HEAD_HEIGHT_PX = 24


class _GroupHead(QAbstractButton):
    """Chevron and title in small capitals; Space folds."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.is_open = True
        self.setText(title)
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @override
    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(capitals_font(px(HEAD_PX)))
        return QSize(
            px(CHEVRON_PX + 8) + metrics.horizontalAdvance(self.text()), px(HEAD_HEIGHT_PX)
        )

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(CHEVRON_PX), px(HEAD_HEIGHT_PX))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(qcolor("accent"), 1.0))
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(4), px(4)
            )
        token = "text" if self.underMouse() else "muted"
        side = px(CHEVRON_PX)
        name = "chevron-down" if self.is_open else "chevron-right"
        picture = icon_pixmap(name, side, token, self.devicePixelRatioF())
        painter.drawPixmap(px(1), (self.height() - side) // 2, picture)
        painter.setFont(capitals_font(px(HEAD_PX)))
        painter.setPen(qcolor(token))
        room = self.rect().adjusted(side + px(5), 0, 0, 0)
        painter.drawText(
            room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text()
        )


class FormGroup(QWidget):
    """A head in small capitals that folds what is below it.

    Signals
    -------
    toggled(bool)
        A person folded (False) or unfolded (True) the group.
    """

    toggled = Signal(bool)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self._open = True
        self._rows: list[QWidget] = []
        self._head = _GroupHead(title)
        self._head.clicked.connect(self._on_head_clicked)
        self._body = QWidget()
        self._inner = QVBoxLayout(self._body)
        self._inner.setContentsMargins(0, 0, 0, 0)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._head)
        self._column.addWidget(self._body)
        # Not earlier: whatever is shown before it has a parent flashes up as a window of its own.
        self._head.setVisible(bool(title))
        self.set_open(True)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def is_open(self) -> bool:
        """Whether the rows can be seen."""
        return self._open

    def set_open(self, is_open: bool) -> None:
        """Fold or unfold without emitting."""
        self._open = is_open
        self._body.setVisible(is_open)
        self._head.is_open = is_open
        self._head.update()
        verb = "Fold" if is_open else "Unfold"
        self._head.setToolTip(f"{verb} “{self.title}”")

    def add(self, widget: QWidget) -> None:
        """Put a row, or a view's own editor, at the end of the group."""
        self._rows.append(widget)
        self._inner.addWidget(widget)

    def refresh(self) -> None:
        """Vanish while all rows are hidden."""
        self.setVisible(any(not row.isHidden() for row in self._rows))

    def _on_head_clicked(self) -> None:
        self.set_open(not self._open)
        self.toggled.emit(self._open)

    def _on_theme_changed(self) -> None:
        self._head.updateGeometry()
        self._inner.setSpacing(px(8))
        self._column.setSpacing(px(4))


class SpecForm(QWidget):
    """Editors for the knobs of a spec, nested specs included, tuples of specs not.

    Parameters
    ----------
    spec_type
        What is edited. Knobs that are hidden, opaque or lists of specs have no row: a pane puts
        its own editor into :meth:`group`.
    prefix
        Put before every path that is emitted, for forms of one entry of a list.
    leave_out
        Paths (without prefix) that a pane edits elsewhere.

    Signals
    -------
    edited(object, object, bool)
        Path (a tuple), value, and whether the gesture is complete. Only values that the whole
        spec allows are emitted; the others get a sentence below their editor.
    groups_changed()
        A person folded or unfolded a group; see :attr:`folded`.
    """

    edited = Signal(object, object, bool)
    groups_changed = Signal()

    def __init__(
        self,
        spec_type: type[Spec],
        *,
        prefix: Path = (),
        leave_out: Collection[Path] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._prefix = prefix
        self._leave_out = frozenset(leave_out)
        self._spec: Spec | None = None
        self._rows: dict[Path, FormRow] = {}
        self._groups: dict[str, FormGroup] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.set_spec_type(spec_type)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @classmethod
    def for_path(cls, spec_type: type[Spec], path: Path, **options: Any) -> SpecForm:
        """Return a form for one entry of a tuple of specs, such as ``("learners", 0)``.

        Raises
        ------
        SpecError
            If the path names no such entry.
        """
        for field in describe(spec_type):
            if field.item_type is not None and path[:-1] == field.path:
                return cls(field.item_type, prefix=path, **options)
        raise SpecError(f"There is no list entry “{dotted(path)}”.")

    @property
    def prefix(self) -> Path:
        """What stands before every emitted path."""
        return self._prefix

    @property
    def spec(self) -> Spec | None:
        """The spec shown, with the edits emitted since; None before the first."""
        return self._spec

    @property
    def folded(self) -> tuple[str, ...]:
        """Titles of the folded groups, to be remembered."""
        return tuple(title for title, group in self._groups.items() if not group.is_open)

    def set_spec_type(self, spec_type: type[Spec]) -> None:
        """Build the rows anew for another type of spec."""
        folded = set(self.folded)
        for group in self._groups.values():
            self._column.removeWidget(group)
            group.hide()
            group.deleteLater()
        self._rows, self._groups, self._spec = {}, {}, None
        for field in describe(spec_type):
            row = None if field.path in self._leave_out else make_row(field)
            if row is None and not field.knob.group:
                continue
            # A head is there even where only a pane's own editor will stand below it.
            group = self.group(field.knob.group)
            if row is not None:
                row.edited.connect(self._on_row_edited)
                self._rows[field.path] = row
                group.add(row)
        self.set_folded(folded)
        self._refresh_groups()

    def set_spec(self, spec: Spec) -> None:
        """Show a spec without emitting; an editor in use is left alone."""
        self._spec = spec
        for path, row in self._rows.items():
            row.show_value(value_at(spec, path))
        self._show_relevant_rows()

    def set_prefix(self, prefix: Path) -> None:
        """Change the path before every emitted path, when a list entry has moved."""
        self._prefix = prefix

    def set_folded(self, titles: Iterable[str]) -> None:
        """Fold these groups and unfold all others."""
        folded = set(titles)
        for title, group in self._groups.items():
            group.set_open(title not in folded)

    def group(self, title: str) -> FormGroup:
        """Return a group by its title, made at the end where there is none yet."""
        found = self._groups.get(title)
        if found is None:
            found = FormGroup(title)
            found.toggled.connect(self._on_group_toggled)
            self._groups[title] = found
            self._column.addWidget(found)
        return found

    def add_to_group(self, title: str, widget: QWidget) -> None:
        """Put a pane's own editor at the end of a group."""
        group = self.group(title)
        group.add(widget)
        group.refresh()

    def row(self, path: Path) -> FormRow:
        """Return the row of a path (without prefix); raises KeyError where there is none."""
        return self._rows[path]

    def _on_row_edited(self, path: Path, value: Any, finished: bool) -> None:
        if self._spec is None:
            return
        row = self._rows[path]
        try:
            self._spec = replace_at(self._spec, path, value)
        except SpecError as error:
            row.refuse(str(error), value_at(self._spec, path))
            return
        row.show_problem("")
        self._show_relevant_rows()
        self.edited.emit((*self._prefix, *path), value, finished)

    def _show_relevant_rows(self) -> None:
        if self._spec is None:
            return
        for path, row in self._rows.items():
            condition = row.field.knob.shown_when
            if condition is not None:
                name, allowed = condition
                row.setVisible(value_at(self._spec, (*path[:-1], name)) in allowed)
        self._refresh_groups()

    def _refresh_groups(self) -> None:
        for group in self._groups.values():
            group.refresh()

    def _on_group_toggled(self) -> None:
        self.groups_changed.emit()

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(12))
