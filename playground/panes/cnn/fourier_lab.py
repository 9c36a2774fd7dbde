"""The Fourier tab: pictures as sums of waves, and what can be done to the waves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from playground.core.images import ImageError, encode_pixels
from playground.experiments.base import Progress, SetValue
from playground.experiments.fourier_snapshot import VIEW_PHASE, VIEWS, FourierSnapshot
from playground.experiments.fourier_spec import FourierSpec, TransformSpec
from playground.experiments.fourier_verdicts import words_of
from playground.panes.base import Pane, Tone
from playground.panes.cnn.fourier_bar import LabBar
from playground.panes.cnn.fourier_commands import LabCommands
from playground.panes.cnn.fourier_energy import EnergyCard
from playground.panes.cnn.fourier_exports import LabExports
from playground.panes.cnn.fourier_inspector import FourierInspector
from playground.panes.cnn.fourier_presets import default_spec, fourier_presets
from playground.panes.cnn.fourier_views import (
    BorderView,
    FilterView,
    LabView,
    SamplingView,
    TheoremView,
    TransformView,
)
from playground.panes.cnn.fourier_wave import WaveCard
from playground.panes.cnn.fourier_words import THEORY
from playground.ui.cards import Card
from playground.ui.image_opener import ImageOpener
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QMenu

    from playground.core.fourier import Wave
    from playground.engine.frames import Frame
    from playground.experiments.fourier_snapshot import View
    from playground.panes.base import PaneContext, Preset
    from playground.ui.actions import ActionSpec
    from playground.ui.image_input import LoadedImage

SPEED = 12.0
STRIP_FROM = {"filter": 430, "transform": 660, "theorem": 620, "sampling": 660, "border": 600}
"""Height of the pane from which on there is room for wave and energy below a view."""
STRIP_PX, WAVE_PX = 172, 316


class FourierLab(Pane):
    """A picture, its spectrum, and the way back."""

    def __init__(self, context: PaneContext) -> None:
        super().__init__(context)
        self._front: View = "filter"
        self._run_id: int | None = None
        self._shape = (1, 1)
        self.bar = LabBar()
        self.filter = FilterView()
        self.transform = TransformView()
        self.theorem = TheoremView()
        self.sampling = SamplingView()
        self.border = BorderView()
        views = (self.filter, self.transform, self.theorem, self.sampling, self.border)
        self._views: dict[View, LabView] = dict(zip(VIEWS, views, strict=True))
        self._widgets: dict[View, QWidget] = dict(zip(VIEWS, views, strict=True))
        self.wave = WaveCard()
        self.energy = EnergyCard()
        self.theory = QLabel()
        self.theory.setWordWrap(True)
        self.theory.setProperty("role", "muted")
        self.theory.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.opener = ImageOpener(self, self.channel)
        self._inspector = FourierInspector(self.channel)
        self.exports = LabExports(self)
        self._commands = LabCommands(self)
        self._lay_out()
        self._connect()
        self.bar.view.set_value(self._front)
        self._arrange()

    @property
    def front(self) -> View:
        """Key of the view in front."""
        return self._front

    @property
    def front_view(self) -> QWidget:
        """The view in front."""
        return self._widgets[self._front]

    def default_spec(self) -> FourierSpec:
        """Return a photograph under a low pass."""
        return default_spec()

    def default_speed(self) -> float:
        """Return a speed at which rings can be seen coming."""
        return SPEED

    def presets(self) -> Mapping[str, Preset]:
        """Return the named set-ups of lessons and menu."""
        return fourier_presets()

    def show_view(self, name: str) -> bool:
        """Bring a view to the front; ``"phase"`` shows phases."""
        if name == VIEW_PHASE:
            self.bar.phase.setChecked(True)
            return True
        for view in VIEWS:
            if view == name:
                self._bring(view)
                return True
        return False

    def inspector(self) -> QWidget:
        """Return the form and the live numbers."""
        return self._inspector

    def pane_actions(self) -> tuple[ActionSpec, ...]:
        """Return the commands of the pane's menu."""
        return self._commands.all()

    def export_menu(self, menu: QMenu) -> None:
        """Add pictures and numbers."""
        self.exports.fill(menu)

    def render_frame(self, frame: Frame) -> None:
        """Draw a frame; views that are not in front cost nothing."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, FourierSnapshot):
            return
        self._shape = snapshot.shape
        if frame.run_id != self._run_id:
            # Words of another picture must not stand beside this one.
            self._run_id = frame.run_id
            self.render_slow(frame)
        self._views[self._front].show_snapshot(snapshot)
        if self._strip.isVisibleTo(self):
            self.energy.show_snapshot(snapshot)

    def render_slow(self, frame: Frame) -> None:
        """Refresh what is read rather than watched."""
        if not isinstance(frame.snapshot, FourierSnapshot):
            return
        self._inspector.show_snapshot(frame.snapshot)
        spec = self.channel.spec
        for view in (self.transform, self.theorem, self.sampling):
            view.knobs.show_spec(spec if isinstance(spec, FourierSpec) else frame.snapshot.spec)

    def views(self) -> frozenset[str]:
        """Return which costly parts of the snapshot are on screen."""
        wanted = {str(self._front)}
        if self.bar.phase.isChecked():
            wanted.add(VIEW_PHASE)
        return frozenset(wanted)

    def verdict(self, frame: Frame) -> tuple[Tone, str]:
        """Return what there is to see in the view in front."""
        snapshot = frame.snapshot
        if not isinstance(snapshot, FourierSnapshot):
            return super().verdict(frame)
        ended = snapshot.status.progress is Progress.FINISHED
        if self._front == "filter" and ended and snapshot.step:
            reason = snapshot.status.reason
            return "ok", f"{reason[:1].upper()}{reason[1:]}."
        return words_of(snapshot, self._front)

    def keep_still(self) -> None:
        """Take back rotation, scale, shift and blur, as one change."""
        still = TransformSpec().model_dump(mode="json")
        self.channel.edit(SetValue(path=("transform",), value=still, label="moving"))

    def save_state(self) -> dict[str, Any]:
        """Return which view is in front, and how spectra are shown."""
        return {
            "view": self._front,
            "phase": self.bar.phase.isChecked(),
            "brush": self.filter.editor.brush,
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take up a layout; anything unknown or of a wrong type is left out."""
        if not isinstance(state, dict):
            return
        view, phase, brush = state.get("view"), state.get("phase"), state.get("brush")
        if isinstance(view, str) and view in VIEWS:
            self.show_view(view)
        if isinstance(phase, bool):
            self.bar.phase.setChecked(phase)
        if type(brush) is int:
            self.filter.editor.set_brush(brush)
            self.filter.bar.brush_size.set_value(self.filter.editor.brush)

    def accepts_drop(self, mime: QMimeData) -> bool:
        """Tell whether a picture is being dragged."""
        return self.opener.accepts(mime)

    def on_drop(self, mime: QMimeData) -> bool:
        """Take a dropped picture."""
        return self.opener.take(mime)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _lay_out(self) -> None:
        self._stack = QStackedWidget()
        for view in VIEWS:
            self._stack.addWidget(self._widgets[view])
        card = Card("", surface="raised")
        card.add(self._stack, 1)
        self._strip = QWidget()
        self._strip_row = QHBoxLayout(self._strip)
        self._strip_row.setContentsMargins(0, 0, 0, 0)
        self._cards = Card("", margin=10), Card("", margin=10), Card("In short", margin=10)
        contents = (self.wave, self.energy, self.theory)
        for place, (holder, content) in enumerate(zip(self._cards, contents, strict=True)):
            holder.add(content, 1)
            self._strip_row.addWidget(holder, min(place, 1))
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.addWidget(self.bar)
        self._whole.addWidget(card, 1)
        self._whole.addWidget(self._strip)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def _connect(self) -> None:
        self.bar.view_chosen.connect(self.show_view)
        self.bar.phase.toggled.connect(self._on_phase)
        self.bar.open.clicked.connect(self.opener.ask_file)
        self.bar.paste.clicked.connect(self.opener.paste)
        self.opener.taken.connect(self._on_taken)
        self.opener.refused.connect(lambda sentence: self.context.report(sentence, ""))
        self.filter.bar.edited.connect(self.channel.edit_value)
        for view in (self.transform, self.theorem, self.sampling):
            view.knobs.edited.connect(self.channel.edit_value)
        self.filter.editor.painted.connect(self._on_painted)
        self.filter.editor.ring_dragged.connect(self._on_ring_dragged)
        for shown in self._views.values():
            for spectrum in shown.spectra:
                spectrum.wave_hovered.connect(self._on_wave)

    def _bring(self, view: View) -> None:
        self.bar.view.set_value(view)
        if view == self._front:
            return
        self._front = view
        self._stack.setCurrentIndex(VIEWS.index(view))
        self._arrange()
        self.render_again()
        self.views_changed.emit()

    def _arrange(self) -> None:
        """Show wave and energy where the pictures leave room for them."""
        room = self.height() >= px(STRIP_FROM[self._front])
        self._strip.setVisible(room)
        self.bar.key.setVisible(self._front == "transform" or self.bar.phase.isChecked())
        self._cards[1].setVisible(self._front == "filter")
        self._cards[2].setVisible(self._front != "filter")
        self.theory.setText(THEORY[self._front])
        for view in self._views.values():
            for spectrum in view.spectra:
                spectrum.set_brief(room)

    def _on_phase(self, on: bool) -> None:
        for key, view in self._views.items():
            # That view has both side by side.
            if key != "transform":
                for spectrum in view.spectra:
                    spectrum.set_as_phase(on)
        self._arrange()
        self.views_changed.emit()

    def _on_painted(self, text: str, finished: bool) -> None:
        self.channel.edit_value(("mask", "painted"), text, finished)

    def _on_ring_dragged(self, name: str, radius: float, finished: bool) -> None:
        self.channel.edit_value(("mask", name), radius, finished)

    def _on_wave(self, wave: Wave | None) -> None:
        self.wave.show_wave(wave, self._shape)

    def _on_taken(self, loaded: LoadedImage) -> None:
        try:
            text = encode_pixels(loaded.pixels)
        except ImageError as error:
            self.context.report(str(error), "")
            return
        spec = self.channel.spec
        if not isinstance(spec, FourierSpec):
            return
        colour = "rgb" if loaded.pixels.shape[2] == 3 else "grey"
        values = spec.image.model_dump(mode="json")
        values |= {"kind": "own", "own": text, "colour": colour}
        self.channel.edit(SetValue(path=("image",), value=values, label="picture"))
        if loaded.notes:
            self.context.report(" ".join(loaded.notes), "")

    def _on_theme_changed(self) -> None:
        self._whole.setSpacing(px(8))
        self._strip_row.setSpacing(px(12))
        self._strip.setFixedHeight(px(STRIP_PX))
        self._cards[0].setFixedWidth(px(WAVE_PX))
