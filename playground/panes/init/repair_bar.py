"""The knobs that matter most, above the histograms, and the repair that the verdict offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from playground.experiments.init_spec import ACTIVATION_LABELS, SCHEME_LABELS
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import IconButton
from playground.ui.icons import themed_icon
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.experiments.init_snapshot import Repair
    from playground.experiments.init_spec import InitSpec

SCHEME, ACTIVATION = ("weights", "scheme"), ("network", "activation")
NORM, RESIDUAL = ("network", "batch_norm"), ("network", "residual")


class RepairBar(QWidget):
    """Scheme, activation, normalisation and shortcuts; a button where there is something to mend.

    Signals
    -------
    edited(object, object)
        Path and value of a setting that a person changed.
    repair_asked()
        A person wants what the verdict recommends.
    """

    edited = Signal(object, object)
    repair_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scheme = ChoiceBox(
            "Scheme of the first weights", tuple(SCHEME_LABELS.items()), segmented=False
        )
        self.activation = ChoiceBox(
            "Activation of the hidden layers", tuple(ACTIVATION_LABELS.items()), segmented=False
        )
        self.norm = IconButton("layers", "Batch normalisation", checkable=True, size=16)
        self.residual = IconButton("git-branch", "Residual connections", checkable=True, size=16)
        self.repair = QPushButton()
        self.repair.setProperty("primary", "true")
        self.repair.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        themed_icon(self.repair, "zap", color="on_accent")
        # Its place stays reserved: a verdict that changes must not move the histograms.
        policy = self.repair.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.repair.setSizePolicy(policy)
        self.repair.hide()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.scheme, self.activation, self.norm, self.residual):
            self._row.addWidget(widget)
        self._row.addStretch(1)
        self._row.addWidget(self.repair)
        self.scheme.edited.connect(lambda value: self._emit(SCHEME, value))
        self.activation.edited.connect(lambda value: self._emit(ACTIVATION, value))
        self.norm.clicked.connect(lambda on: self._emit(NORM, on))
        self.residual.clicked.connect(lambda on: self._emit(RESIDUAL, on))
        self.repair.clicked.connect(self.repair_asked)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_spec(self, spec: InitSpec) -> None:
        """Show the settings in force without emitting."""
        self.scheme.set_value(spec.weights.scheme)
        self.activation.set_value(spec.network.activation)
        self.norm.setChecked(spec.network.batch_norm)
        self.residual.setChecked(spec.network.residual)

    def show_repair(self, repair: Repair | None, words: str = "") -> None:
        """Offer a repair, or none; the tooltip gives the whole verdict."""
        if repair is not None:
            text = f" {repair.label[:1].upper()}{repair.label[1:]}"
            if text != self.repair.text():
                self.repair.setText(text)
            self.repair.setToolTip(f"{words}\nStarts again with this change.")
        self.repair.setVisible(repair is not None)

    def _emit(self, path: tuple[str, ...], value: Any) -> None:
        self.edited.emit(path, value)

    def _on_theme_changed(self) -> None:
        self.scheme.setFixedWidth(px(150))
        self.activation.setFixedWidth(px(116))
        self._row.setSpacing(px(6))
