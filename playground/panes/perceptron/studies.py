"""Studies: many runs of the same data, in the background, with progress and cancel.

The order study trains the selected model on many shuffles of the same points; cross-validation
trains it k times and judges it on the fold left out. Results stay until the next run of a study.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from playground.experiments.perceptron_snapshot import PerceptronSnapshot
from playground.experiments.perceptron_spec import METRIC_LABELS, PerceptronSpec
from playground.experiments.perceptron_studies import KFold, OrderStudy
from playground.panes.perceptron.study_charts import FoldChart, Histogram
from playground.ui.cards import Verdict
from playground.ui.choice_box import ChoiceBox
from playground.ui.controls import NumberSlider
from playground.ui.theme import px, theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.experiments.jobs import Job, JobProgress
    from playground.experiments.perceptron_studies import KFoldResult, OrderStudyResult
    from playground.ui.channel import ChannelClient
    from playground.ui.job_handle import JobHandle

STUDIES = (
    ("order", "Order", "Many orders of the same samples, each until all is right"),
    ("folds", "k-fold", "Cross-validation: the mean of a metric over k folds, with its spread"),
)
ORDER_WORDS = "How much does the order of the samples matter? Online a lot, in batches not at all."
FOLD_WORDS = "How well does the model do on points it has not seen, and how sure is that?"
MAX_EPOCHS = 1000


class StudiesView(QWidget):
    """Order study and k-fold cross-validation of the selected model."""

    def __init__(
        self,
        channel: ChannelClient,
        selected: Callable[[], int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._channel = channel
        self._selected = selected
        self._handle: JobHandle | None = None
        self._order: OrderStudyResult | None = None
        self._folds: KFoldResult | None = None
        self.choice = ChoiceBox("Study", STUDIES, value="order", segmented=True)
        self.run_button = QPushButton("Run")
        self.run_button.setProperty("primary", "true")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.hide()
        self.verdict = Verdict("info", ORDER_WORDS)
        self.shuffles = NumberSlider(
            "orders", 10, 2000, value=200, log=True, integer=True, help="How many shuffles."
        )
        self.folds = NumberSlider(
            "folds k", 2, 20, value=5, allowed=(2, 100), integer=True, help="Into how many parts."
        )
        self.metric_box = ChoiceBox(
            "metric", tuple(METRIC_LABELS.items()), value="accuracy", segmented=False
        )
        self.epochs_chart = Histogram("epochs")
        self.changes_chart = Histogram("changes")
        self.fold_chart = FoldChart()
        self._pages = QStackedWidget()
        self._pages.addWidget(self._order_page())
        self._pages.addWidget(self._fold_page())
        head = QHBoxLayout()
        head.addWidget(self.choice)
        head.addStretch(1)
        head.addWidget(self.run_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(head)
        self._column.addWidget(self.progress)
        self._column.addWidget(self._pages, 1)
        self._column.addWidget(self.verdict)
        self.choice.edited.connect(self._on_kind_edited)
        self.run_button.clicked.connect(self._on_run_clicked)
        self._on_theme_changed()
        theme().changed.connect(self._on_theme_changed)

    @property
    def running(self) -> bool:
        """Tell whether a study is under way."""
        return self._handle is not None

    def show_kind(self, kind: str) -> None:
        """Bring one of the two studies to the front."""
        self.choice.set_value(kind)
        self._on_kind_edited(kind)

    def run(self) -> None:
        """Start the study in front on the present data and model."""
        frame = self._channel.last_frame
        snapshot = frame.snapshot if frame is not None else None
        if frame is None or not isinstance(snapshot, PerceptronSnapshot) or self.running:
            return
        job = self._job(snapshot.spec, frame.seed)
        self._set_running(True)
        ordering = self.choice.value == "order"
        self._handle = self._channel.start_job(
            job,
            on_progress=self._on_progress,
            on_done=self._on_order_done if ordering else self._on_folds_done,
            on_failed=self._on_failed,
        )

    def cancel(self) -> None:
        """Stop the study; what is drawn so far stays."""
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.cancel()
            self.verdict.set_verdict("info", "Stopped; the chart shows what was done.")
        self._set_running(False)

    def csv(self) -> str:
        """Return the result in front as a table; empty without one."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        if self.choice.value == "order" and self._order is not None:
            result = self._order
            writer.writerow(("order", "epochs", "changes", "converged"))
            rows = zip(
                result.epochs.tolist(),
                result.changes.tolist(),
                result.converged.tolist(),
                strict=True,
            )
            writer.writerows((i + 1, *row) for i, row in enumerate(rows))
        elif self.choice.value == "folds" and self._folds is not None:
            writer.writerow(("fold", self._folds.metric))
            writer.writerows((i + 1, value) for i, value in enumerate(self._folds.values))
        return text.getvalue()

    def _job(self, spec: PerceptronSpec, seed: int) -> Job:
        learner = min(self._selected(), len(spec.learners) - 1)
        if self.choice.value == "order":
            shuffles = int(self.shuffles.value)
            return OrderStudy(spec, learner, shuffles=shuffles, max_epochs=MAX_EPOCHS, seed=seed)
        return KFold(
            spec, learner, k=int(self.folds.value), metric=self.metric_box.value, seed=seed
        )

    def _order_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        charts = QHBoxLayout()
        charts.addWidget(self.epochs_chart)
        charts.addWidget(self.changes_chart)
        column.addWidget(self.shuffles)
        column.addLayout(charts, 1)
        return page

    def _fold_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.folds)
        column.addWidget(self.metric_box)
        column.addWidget(self.fold_chart, 1)
        return page

    def _on_kind_edited(self, kind: str) -> None:
        self._pages.setCurrentIndex(0 if kind == "order" else 1)
        result: Any = self._order if kind == "order" else self._folds
        words = ORDER_WORDS if kind == "order" else FOLD_WORDS
        self.verdict.set_verdict("info" if result is None else "ok", words)
        if result is not None:
            self.verdict.set_verdict("ok", result.summary)

    def _on_run_clicked(self) -> None:
        if self.running:
            self.cancel()
        else:
            self.run()

    def _on_progress(self, progress: JobProgress) -> None:
        self.progress.setValue(int(1000 * progress.fraction))
        if progress.message:
            self.verdict.set_verdict("busy", progress.message)
        if progress.partial is not None:
            self._draw(progress.partial)

    def _on_order_done(self, result: OrderStudyResult) -> None:
        self._order = result
        self._finish(result)

    def _on_folds_done(self, result: KFoldResult) -> None:
        self._folds = result
        self._finish(result)

    def _finish(self, result: Any) -> None:
        self._handle = None
        self._set_running(False)
        self._draw(result)
        self.verdict.set_verdict("ok", result.summary)

    def _on_failed(self, sentence: str) -> None:
        self._handle = None
        self._set_running(False)
        self.verdict.set_verdict("warn", sentence)

    def _draw(self, result: Any) -> None:
        if hasattr(result, "epochs"):
            reached = result.converged
            self.epochs_chart.set_values(result.epochs[reached], result.batch_epochs)
            self.changes_chart.set_values(result.changes[reached], result.batch_changes)
        else:
            self.fold_chart.set_values(result.values)

    def _set_running(self, running: bool) -> None:
        self.run_button.setText("Cancel" if running else "Run")
        self.progress.setVisible(running)
        self.progress.setValue(0)
        self.choice.setEnabled(not running)

    def _on_theme_changed(self) -> None:
        self._column.setSpacing(px(6))
