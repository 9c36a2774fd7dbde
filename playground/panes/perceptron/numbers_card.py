"""The live numbers of the selected learner, at the bottom of the inspector."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from playground.panes.perceptron.plane_geometry import gradient_norm, tidy
from playground.ui.cards import NumberTable
from playground.ui.number_text import format_number
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from playground.experiments.perceptron_snapshot import LearnerView, PerceptronSnapshot

COST_NAMES = {
    "perceptron": "share of mistakes",
    "pocket": "share of mistakes",
    "adaline": "mean squared error",
    "logistic": "cross-entropy",
}
ROWS = (
    ("w", "w", "Weights: the normal of the line, pointing to class +1."),
    ("beta", "β", "Threshold: f(x) = w₁·x₁ + w₂·x₂ + β."),
    ("norm", "‖w‖", "Length of the weight vector."),
    ("distance", "distance |β|/‖w‖", "Distance of the line from the origin."),
    ("rate", "learning rate α", "In force now."),
    ("cost", "cost", "Of the training points: what the model makes small."),
    ("errors", "training errors", "Training points on the wrong side of the line."),
    ("changes", "changes", "Updates that moved the line, of all update opportunities."),
    ("epochs", "epochs done", "Complete passes over the training points."),
    ("points", "points", "Training / validation / test."),
)


class NumbersCard(QWidget):
    """Weights, distance, cost and counts of one learner."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = QLabel()
        self._name.setProperty("role", "muted")
        self.table = NumberTable(ROWS)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._name, self.table):
            self._column.addWidget(widget)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    def show_learner(self, snapshot: PerceptronSnapshot, view: LearnerView | None) -> None:
        """Show one learner of a snapshot."""
        counts = " / ".join(f"{int((snapshot.parts == part).sum()):,}" for part in (0, 1, 2))
        self.table.set_values({"points": counts})
        if view is None:
            return
        several = len(snapshot.learners) > 1
        self._name.setVisible(several)
        if several and self._name.text() != view.name:
            self._name.setText(view.name)
        w1, w2, beta = view.line
        norm = gradient_norm(view.line)
        cost = "–" if math.isnan(view.cost) else format_number(view.cost)
        self.table.set_values(
            {
                "w": f"({format_number(w1)}, {format_number(w2)})",
                "beta": tidy(beta, norm),
                "norm": norm,
                "distance": abs(tidy(beta, norm)) / norm if norm > 0.0 else "no line: w is zero",
                "rate": format_number(view.rate, trim=True),
                "cost": f"{cost} {COST_NAMES[view.kind]}",
                "errors": view.errors,
                "changes": f"{format_number(view.changes)} of {format_number(view.updates)}",
                "epochs": view.epochs_done,
            }
        )

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))
