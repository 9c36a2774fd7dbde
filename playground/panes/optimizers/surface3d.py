"""The surface in three dimensions, with the trails of the race on it.

Left button turns, wheel zooms, middle button or Ctrl and left button moves; a click on a head
selects its lane. Where no OpenGL context can be made a sentence says so and the map stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Signal
from PySide6.QtGui import QImageWriter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget
from typing_extensions import override

from playground.core.atomic_files import write_atomically
from playground.experiments.optimizers_snapshot import OptimizerRaceSnapshot
from playground.panes.optimizers.surface3d_probe import opengl_problem
from playground.ui.cards import EmptyState
from playground.ui.controls import IconButton
from playground.ui.switch import Switch
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QImage, QShowEvent

    from playground.engine.frames import Frame
    from playground.panes.optimizers.surface3d_scene import SurfaceScene

LOG_HELP = "Heights on a logarithmic scale: deep valleys become visible."


class SurfaceView3D(QWidget):
    """The 3-D view; it makes its OpenGL widget when it is shown for the first time."""

    lane_picked = Signal(int)
    """A person clicked on the head of a lane; its place in the spec."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selected = 0
        self._frame: Frame | None = None
        self._log: bool | None = None
        self.scene: SurfaceScene | None = None
        self.problem = ""
        self.empty = EmptyState("The surface appears with the race.", icon_name="mountain")
        self.log_switch = Switch("Logarithmic height", help=LOG_HELP)
        self._log_label = QLabel("log height")
        self._log_label.setProperty("role", "muted")
        self._range_label = QLabel()
        self._range_label.setProperty("role", "muted")
        self.home_button = IconButton("house", "Look from the usual place again")
        self._holder = QWidget()
        self._stack = QStackedLayout(self._holder)
        self._stack.addWidget(self.empty)
        bar = QHBoxLayout()
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(self.log_switch)
        bar.addWidget(self._log_label)
        bar.addStretch(1)
        bar.addWidget(self._range_label)
        bar.addWidget(self.home_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(bar)
        self._column.addWidget(self._holder, 1)
        self.log_switch.edited.connect(self.set_log)
        self.home_button.clicked.connect(self._on_home_clicked)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def available(self) -> bool:
        """Tell whether there is a picture in three dimensions."""
        return self.scene is not None

    def set_selected(self, lane: int) -> None:
        """Make another lane the loud one."""
        if lane != self._selected:
            self._selected = lane
            self._draw()

    def set_log(self, log: bool | None) -> None:
        """Show heights logarithmically or straight; None: as the surface is best seen."""
        self._log = log
        self._draw()

    def render_frame(self, frame: Frame) -> None:
        """Draw a race; costs nothing while the view is hidden."""
        self._frame = frame
        if self.isVisible():
            self._draw()

    def render_slow(self, frame: Frame) -> None:
        """Nothing here is read rather than watched."""

    def image(self) -> QImage | None:
        """Return the picture as it is on screen; None where there is none."""
        return self.scene.grabFramebuffer() if self.scene is not None else None

    def export_png(self, path: Path) -> None:
        """Write the view as a PNG.

        Raises
        ------
        ValueError
            Where there is no picture in three dimensions, with the reason.
        playground.core.atomic_files.SaveError
            If it could not be written.
        """
        picture = self.image()
        if picture is None:
            raise ValueError(self.problem or "Open the 3-D view first; then it can be saved.")
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"PNG")).write(picture)
        buffer.close()
        write_atomically(path, bytes(data.data()))

    def save_state(self) -> dict[str, Any]:
        """Return the height scale as plain data."""
        return {"log": self._log}

    def restore_state(self, state: object) -> None:
        """Take up a height scale; ignores anything else."""
        if isinstance(state, dict) and (state.get("log") is None or state["log"] in (True, False)):
            self.set_log(state.get("log"))

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._make_scene()
        self._draw()

    def _make_scene(self) -> None:
        if self.scene is not None or self.problem:
            return
        self.problem = opengl_problem()
        if not self.problem:
            try:
                from playground.panes.optimizers.surface3d_scene import SurfaceScene

                self.scene = SurfaceScene(self.lane_picked.emit)
            except Exception as error:
                # A driver that promises and does not deliver must not take the window with it.
                self.problem = f"OpenGL could not be started ({error}); the map shows the race."
        if self.scene is None:
            self.empty.set_state(self.problem, icon_name="mountain")
            self.log_switch.setEnabled(False)
            self.home_button.setEnabled(False)
            return
        self._stack.addWidget(self.scene)
        self._stack.setCurrentWidget(self.scene)

    def _draw(self) -> None:
        frame = self._frame
        if frame is None or self.scene is None or not self.isVisible():
            return
        snapshot = frame.snapshot
        if not isinstance(snapshot, OptimizerRaceSnapshot):
            return
        log = snapshot.surface.log_colour if self._log is None else self._log
        self.log_switch.set_value(log)
        self.scene.show_race(frame, snapshot, self._selected, log)
        self._range_label.setText(self.scene.heights_in_words())

    def _on_home_clicked(self) -> None:
        if self.scene is not None:
            self.scene.look_from_home()

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))
