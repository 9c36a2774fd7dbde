"""What an explanation is about, and what every page of explanations answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget
from typing_extensions import override

from playground.panes.cnn.digit_pixels import picture_of
from playground.panes.cnn.digit_words import name_of
from playground.ui.fonts import number_font, ui_font
from playground.ui.number_text import format_number
from playground.ui.theme import px, qcolor, theme

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from playground.experiments.cnn_snapshot import ImageSet, NetworkState
    from playground.ui.cards import VerdictKind
    from playground.ui.channel import ChannelClient

    Bytes = NDArray[np.uint8]
    Floats = NDArray[np.floating[Any]]

BAR_PX, TEXT_PX = 8, 14
CALLS_BETWEEN = 8
"""While it trains, costly pages are computed at every eighth slow beat: every two seconds."""
FAINT_BASE = 0.55
"""How bright the image stays under a map laid over it."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """An image, and the network that is asked about it.

    Parameters
    ----------
    state
        The network.
    pixels
        (channels, height, width) float32 in 0…1.
    label
        Its true class; None for a drawing.
    words
        The image in words, such as ``"12 of 360"`` or ``"read by the bundled CNN"``.
    key
        Equal for equal subjects: what has been computed for one need not be computed again.
    network_key
        The same for the network alone.
    settled
        False while it trains: what is costly is then computed now and then only.
    is_trained_here
        True where the network is the one in training, whose filters can be knocked out.
    images
        The images of the run, for what is looked for in the data; None without a run.
    """

    state: NetworkState
    pixels: NDArray[np.float32]
    label: int | None
    words: str
    key: Hashable
    network_key: Hashable
    settled: bool
    is_trained_here: bool
    images: ImageSet | None = None

    def class_name(self, index: int) -> str:
        """Return what a class is called."""
        return name_of(self.state.class_names, index)

    @property
    def picture(self) -> Bytes:
        """Return the image as (h, w, 4) RGBA."""
        return picture_of(self.pixels)


class ExplainPage(QWidget):
    """One kind of explanation.

    Signals
    -------
    said()
        :meth:`words` has changed.
    """

    said = Signal()

    def __init__(self, channel: ChannelClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.channel = channel
        self._calls = 0

    def show_subject(self, subject: Subject | None) -> None:
        """Explain this from now on; called often, and cheap where nothing is new."""
        raise NotImplementedError

    def is_due(self, subject: Subject) -> bool:
        """Tell whether something costly is to be computed anew: at once, or every few calls."""
        self._calls += 1
        if subject.settled or self._calls >= CALLS_BETWEEN:
            self._calls = 0
            return True
        return False

    def words(self) -> tuple[VerdictKind, str]:
        """Return what there is to see, as a tone and a sentence."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Stop what is being computed: nobody looks any more."""


def coloured(values: Floats, limit: float, *, diverging: bool) -> Bytes:
    """Return (h, w) values as (h, w, 4) RGBA in the colours of the theme.

    Parameters
    ----------
    limit
        Where the colours end: at 0 and ``limit``, or diverging at ``±limit``.
    """
    tokens = theme().tokens
    reach = limit if limit > 0.0 and np.isfinite(limit) else 1.0
    shares = np.nan_to_num(np.asarray(values, dtype=np.float64) / reach)
    if diverging:
        places = np.rint((np.clip(shares, -1.0, 1.0) + 1.0) * 127.5)
        return np.asarray(tokens.diverging_map[places.astype(np.intp)])
    places = np.rint(np.clip(shares, 0.0, 1.0) * 255.0)
    return np.asarray(tokens.scalar_map[places.astype(np.intp)])


def laid_over(picture: Bytes, values: Floats, limit: float, *, diverging: bool) -> Bytes:
    """Return a picture, darkened, with a map over it that is opaque where the map is strong."""
    reach = limit if limit > 0.0 and np.isfinite(limit) else 1.0
    strength = np.clip(np.abs(np.nan_to_num(values)) / reach, 0.0, 1.0)[:, :, None] ** 0.7
    base = FAINT_BASE * picture[:, :, :3].astype(np.float64)
    over = coloured(values, limit, diverging=diverging)[:, :, :3]
    made = np.full(picture.shape, 255, dtype=np.uint8)
    made[:, :, :3] = np.rint(base + (over - base) * 0.9 * strength)
    return made


def place_words(row: float, column: float, height: int, width: int) -> str:
    """Return where in an image a place lies, such as ``"upper left"`` or ``"centre"``."""
    down = ("upper", "", "lower")[min(2, int(3 * (row + 0.5) / height))]
    across = ("left", "", "right")[min(2, int(3 * (column + 0.5) / width))]
    if not down and not across:
        return "centre"
    return f"{down} {across}".strip() if down and across else f"{down or across} middle"


class ColourKey(QWidget):
    """The colours of a map with the numbers at their ends and what they mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._meaning = ""
        self._limit = 0.0
        self._diverging = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def set_scale(self, meaning: str, limit: float, *, diverging: bool) -> None:
        """Say what the colours mean and where they end."""
        wanted = (meaning, limit, diverging)
        if wanted != (self._meaning, self._limit, self._diverging):
            self._meaning, self._limit, self._diverging = wanted
            self.setAccessibleName(f"{meaning}, up to {format_number(limit, 3)}")
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(px(160), px(BAR_PX + TEXT_PX + 3))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(px(80), px(BAR_PX + TEXT_PX + 3))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        tokens = theme().tokens
        table = tokens.diverging_map if self._diverging else tokens.scalar_map
        wide = self.width()
        for x in range(wide):
            red, green, blue = (int(part) for part in table[x * 255 // max(1, wide - 1)][:3])
            painter.fillRect(x, 0, 1, px(BAR_PX), f"#{red:02x}{green:02x}{blue:02x}")
        painter.setPen(qcolor("line"))
        painter.drawRect(QRectF(0.5, 0.5, wide - 1, px(BAR_PX) - 1))
        low = -self._limit if self._diverging else 0.0
        box = QRectF(0.0, px(BAR_PX) + px(2), wide, px(TEXT_PX))
        painter.setFont(number_font(px(11)))
        painter.setPen(qcolor("muted"))
        ends = (format_number(low, 3) if low else "0", format_number(self._limit, 3))
        flags = Qt.AlignmentFlag
        painter.drawText(box, flags.AlignLeft | flags.AlignVCenter, ends[0])
        painter.drawText(box, flags.AlignRight | flags.AlignVCenter, ends[1])
        taken = max(painter.fontMetrics().horizontalAdvance(end) for end in ends) + px(6)
        painter.setFont(ui_font(px(11)))
        room = int(box.width() - 2 * taken)
        words = painter.fontMetrics().elidedText(self._meaning, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, flags.AlignCenter, words)


class TurningBox(QWidget):
    """Two parts above each other where the room is high, side by side where it is wide.

    Parameters
    ----------
    first, second
        Widgets.
    stretches
        How they share the height, and the width.
    wide_from
        From this ratio of width to height on they stand side by side.
    """

    def __init__(
        self,
        first: QWidget,
        second: QWidget,
        *,
        stretches: tuple[tuple[int, int], tuple[int, int]] = ((1, 1), (1, 1)),
        wide_from: float = 1.3,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._parts = (first, second)
        self._wide_from = wide_from
        self._box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._stretches = stretches
        for part, stretch in zip(self._parts, stretches[0], strict=True):
            self._box.addWidget(part, stretch)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def is_wide(self) -> bool:
        """Tell whether the parts stand side by side."""
        return self._box.direction() == QBoxLayout.Direction.LeftToRight

    @override
    def minimumSizeHint(self) -> QSize:
        # Whatever the present direction: the box must be able to become wide or high.
        sizes = [part.minimumSizeHint() for part in self._parts]
        return QSize(max(size.width() for size in sizes), max(size.height() for size in sizes))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        limit = self._wide_from - (0.1 if self.is_wide else 0.0)
        wide = self.width() >= limit * max(1, self.height())
        directions = QBoxLayout.Direction
        self._box.setDirection(directions.LeftToRight if wide else directions.TopToBottom)
        for place, stretch in enumerate(self._stretches[wide]):
            self._box.setStretch(place, stretch)

    def _on_theme_changed(self) -> None:
        self._box.setSpacing(px(10))
