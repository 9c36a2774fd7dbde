"""The kernel of the stage: its name, a large grid to edit, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from playground.core import kernels
from playground.core.kernels import MAX_SIDE, KernelError
from playground.experiments.kernel_spec import (
    MAX_CELL,
    KernelSpec,
    LineKernelSpec,
)
from playground.experiments.spec import field_at
from playground.panes.cnn.convolution_layout import caption, small_words
from playground.ui.controls import ChoiceBox, IconButton, NumberField
from playground.ui.elided_label import ElidedLabel
from playground.ui.fonts import number_font
from playground.ui.grid_editor import GridEditor
from playground.ui.grid_view import short_number
from playground.ui.icons import themed_icon
from playground.ui.number_text import NumberError, parse_number
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from PySide6.QtGui import QResizeEvent

    from playground.experiments.spec import Path

    Floats = NDArray[np.float64]

CHANNEL_PATHS: Final[tuple[tuple[str, str], ...]] = (
    ("kernel", "R"),
    ("kernel_green", "G"),
    ("kernel_blue", "B"),
)
MOST_TEXT = 20_000
SIDE_WIDTH = 38
NOTE_FROM = 225
GRID_TIP = (
    "Point at a cell and turn the wheel (Shift: coarse, Ctrl: fine), or type a number; arrows "
    "move, Delete makes zero"
)


class KernelPanel(QWidget):
    """Edits one kernel of the spec.

    Signals
    -------
    edited(object, object, bool)
        Path, value and whether the gesture is complete, for the channel.
    asked(str)
        ``"separate"`` or ``"compose"``: a card is wanted.
    refused(str)
        Why something could not be done.
    """

    edited = Signal(object, object, bool)
    asked = Signal(str)
    refused = Signal(str)
    channel_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path: Path = ("kernel",)
        self._spec: KernelSpec = KernelSpec()
        self._turned = False
        self.head = caption("Kernel")
        self.channel = ChoiceBox(
            "kernel of", [(place, name) for place, (_, name) in enumerate(CHANNEL_PATHS)],
            value=0, help="Whose kernel is edited: red, green or blue",
        )  # fmt: skip
        self.preset = ChoiceBox("kernel", presets_of(KernelSpec), help="Fills in the cells")
        self.rows = self._side("rows", "Rows of the kernel, 1 to 11")
        self.cols = self._side("columns", "Columns of the kernel, 1 to 11")
        self._times = QLabel("×")
        self.grid = GridEditor("Kernel", limit=MAX_CELL)
        self.grid.setToolTip(GRID_TIP)
        self.note = _Note()
        self.problem = small_words("bad")
        self.tools = self._make_tools()
        self.convolve = IconButton(
            "refresh-cw",
            "Convolution: turn the kernel by 180° before it is laid on; off: correlation",
            checkable=True,
            size=16,
        )
        self.convolve.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more = self._make_more()
        self._lay_out()
        self._connect()
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def path(self) -> Path:
        """Where the kernel stands in the spec."""
        return self._path

    @property
    def kernel(self) -> KernelSpec:
        """The kernel shown."""
        return self._spec

    def show_kernel(self, path: Path, spec: KernelSpec, *, turned: bool, channels: int) -> None:
        """Show a kernel of the spec; ``turned`` says that convolution lays it on flipped."""
        if isinstance(spec, LineKernelSpec) != isinstance(self._spec, LineKernelSpec):
            self.preset.set_choices(presets_of(type(spec)))
        flipped = turned != self._turned
        self.convolve.setChecked(turned)
        self._path, self._spec, self._turned = path, spec, turned
        self.channel.setVisible(channels > 1)
        self.preset.set_value(spec.preset)
        self.rows.set_value(spec.rows)
        self.cols.set_value(spec.cols)
        signal = isinstance(spec, LineKernelSpec)
        for widget in (self.rows, self._times):
            widget.setVisible(not signal)
        values = spec.array
        self.grid.set_values(kernels.flipped(values) if turned else values)
        if flipped:
            self.grid.turn_around()
            self._fit()
        total = short_number(float(values.sum()), 4)
        turn = "turned by 180°" if turned else "as written"
        self.note.setText(f"Σ = {total} · {turn}")
        self.note.setToolTip(
            "Convolution turns the kernel by 180° before it is laid on; the cells stand here as "
            "they lie on the picture." if turned else
            "Correlation lays the kernel on as it is. Σ is the sum of its cells: 1 keeps the "
            "brightness, 0 answers to differences only."
        )  # fmt: skip

    def give_cells(self, cells: Floats) -> None:
        """Make other cells the kernel, as one change."""
        self.edited.emit((*self._path, "values"), cells.tolist(), True)

    def copy(self) -> None:
        """Put the cells on the clipboard as tab-separated text."""
        QGuiApplication.clipboard().setText(kernel_text(self._spec.array, "\t"))
        self.show_problem("")

    def paste(self) -> None:
        """Take the cells of the clipboard: rows of numbers with tabs, commas or spaces."""
        try:
            cells = parse_kernel(QGuiApplication.clipboard().text())
            if isinstance(self._spec, LineKernelSpec) and len(cells) > 1:
                raise KernelError("The kernel of a signal has one row.")
        except KernelError as error:
            self.refused.emit(str(error))
            return
        self.give_cells(cells)

    def show_problem(self, sentence: str) -> None:
        """Say below the grid why a number was refused."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    def normalise(self) -> None:
        """Divide the cells by their sum (of magnitudes where it is 0)."""
        self._change(kernels.normalised)

    def flip(self) -> None:
        """Turn the cells by 180°: a change of the kernel itself, not of how it is laid on."""
        self._change(kernels.flipped)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave the room to the grid where there is little; that the kernel is turned is said."""
        self.note.setVisible(self._turned or self.height() >= px(NOTE_FROM))

    def _change(self, how: Callable[[Floats], Floats]) -> None:
        try:
            self.give_cells(how(self._spec.array))
        except KernelError as error:
            self.refused.emit(str(error))

    def _on_cell(self, row: int, col: int, value: float) -> None:
        cells = self._spec.array
        rows, cols = cells.shape
        # The grid shows the kernel as it lies on the picture.
        place = (rows - 1 - row, cols - 1 - col) if self._turned else (row, col)
        cells[place] = value
        self.give_cells(cells)

    def _on_random(self) -> None:
        path, spec = self._path, self._spec
        if spec.preset == "random":
            self.edited.emit((*path, "draw"), (spec.draw + 1) % 10_000, True)
        else:
            self.edited.emit((*path, "preset"), "random", True)

    def _on_channel(self, place: int) -> None:
        self.channel_chosen.emit(place)

    def _side(self, name: str, tip: str) -> NumberField:
        field = NumberField(name, value=3, minimum=1, maximum=MAX_SIDE, integer=True)
        field.setToolTip(tip)
        return field

    def _make_tools(self) -> dict[str, IconButton]:
        entries: tuple[tuple[str, str, str, Callable[[], object]], ...] = (
            ("normalise", "ruler", "Normalise: divide by the sum of the cells", self.normalise),
            ("rotate", "rotate-ccw", "Rotate by 90° counter-clockwise",
             lambda: self._change(kernels.rotated)),
            ("transpose", "git-compare", "Transpose: rows become columns",
             lambda: self._change(kernels.transposed)),
            ("random", "dices", "Random cells, others each time", self._on_random),
        )  # fmt: skip
        made = {}
        for name, icon, tip, run in entries:
            button = IconButton(icon, tip, size=16)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, run=run: run())
            made[name] = button
        return made

    def _make_more(self) -> IconButton:
        """Return the button with what is needed less often."""
        menu = QMenu(self)
        entries: tuple[tuple[str, str, Callable[[], object]], ...] = (
            ("Flip both ways (turn by 180°)", "shuffle", self.flip),
            ("Separate into column and row", "git-branch", lambda: self.asked.emit("separate")),
            ("Compose with a second kernel", "layers", lambda: self.asked.emit("compose")),
            ("Copy cells as text", "copy", self.copy),
            ("Paste cells", "clipboard-paste", self.paste),
        )
        for words, icon, run in entries:
            action = menu.addAction(words)
            themed_icon(action, icon)
            action.triggered.connect(lambda _=False, run=run: run())
        button = IconButton("ellipsis", "More: flip, separate, compose, copy and paste", size=16)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button

    def _lay_out(self) -> None:
        self._head_row = QHBoxLayout()
        self._head_row.addWidget(self.head, 1)
        for widget in (self.rows, self._times, self.cols):
            self._head_row.addWidget(widget)
        self._tools = QHBoxLayout()
        for button in (self.convolve, *self.tools.values(), self.more):
            self._tools.addWidget(button)
        self._tools.addStretch(1)
        self.preset.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._head_row)
        self._column.addWidget(self.channel)
        self._column.addWidget(self.preset)
        self._column.addWidget(self.grid, 1)
        self._column.addWidget(self.note)
        self._column.addWidget(self.problem)
        self._column.addLayout(self._tools)

    def _connect(self) -> None:
        self.channel.edited.connect(self._on_channel)
        self.preset.edited.connect(
            lambda name: self.edited.emit((*self._path, "preset"), name, True)
        )
        self.rows.edited.connect(
            lambda rows: self.edited.emit((*self._path, "rows"), int(rows), True)
        )
        self.cols.edited.connect(
            lambda cols: self.edited.emit((*self._path, "cols"), int(cols), True)
        )
        self.convolve.clicked.connect(
            lambda on: self.edited.emit(
                ("operation",), "convolution" if on else "correlation", True
            )
        )
        self.rows.rejected.connect(self.show_problem)
        self.cols.rejected.connect(self.show_problem)
        self.grid.cell_edited.connect(self._on_cell)
        self.grid.rejected.connect(self.show_problem)

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))
        self._head_row.setSpacing(px(4))
        for field in (self.rows, self.cols):
            field.setFixedWidth(px(SIDE_WIDTH))
        self._tools.setSpacing(px(2))


class _Note(ElidedLabel):
    """Small words below the grid."""

    def __init__(self) -> None:
        super().__init__("")
        self.setProperty("role", "muted")
        self._style()
        theme().changed.connect(self._style)

    def _style(self) -> None:
        self.setFont(number_font(px(12)))


def presets_of(spec_type: type[KernelSpec]) -> list[tuple[str, str]]:
    """Return the names of a kernel's presets and what they are called."""
    return [(value, label) for value, label in field_at(spec_type, ("preset",)).choices]


def kernel_text(cells: Floats, separator: str = ",") -> str:
    """Return the cells as text, one line a row, in numbers that read back exactly."""
    return "".join(
        separator.join(repr(float(cell)) for cell in row) + "\n" for row in cells.tolist()
    )


def parse_kernel(text: str) -> Floats:
    """Return the cells written as rows of numbers with tabs, commas, semicolons or spaces.

    Raises
    ------
    KernelError
        Where the text is no table of 1 to 11 rows and columns of numbers.
    """
    lines = [line for line in text[:MOST_TEXT].splitlines() if line.strip()]
    if not lines or len(lines) > MAX_SIDE or len(text) > MOST_TEXT:
        raise KernelError(f"The clipboard holds no kernel: 1 to {MAX_SIDE} lines of numbers.")
    separator = next((sign for sign in "\t;," if sign in lines[0]), None)
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            rows.append([parse_number(word) for word in line.strip().split(separator)])
        except NumberError as error:
            raise KernelError(f"Line {number} of the kernel: {error}") from None
    widths = {len(row) for row in rows}
    if len(widths) > 1 or not 1 <= len(rows[0]) <= MAX_SIDE:
        raise KernelError(f"A kernel has 1 to {MAX_SIDE} rows and columns, all rows of one length.")
    return np.array(rows, dtype=np.float64)
