"""The views beside the plane: curves, weight space, metrics, ledger and studies on their cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.experiments.perceptron_snapshot import VIEW_LEDGER, VIEW_METRICS, surface_view
from playground.panes.perceptron.curves import CurvesView
from playground.panes.perceptron.ledger import LedgerView
from playground.panes.perceptron.metrics_card import MetricsView
from playground.panes.perceptron.studies import StudiesView
from playground.panes.perceptron.weight_space import WeightSpaceView
from playground.ui.card_column import CardColumn, CardView
from playground.ui.turns import CALM_ROUND, Turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.engine.frames import Frame
    from playground.experiments.perceptron_snapshot import LearnerView
    from playground.ui.channel import ChannelClient


class PerceptronCards(CardColumn):
    """The column of cards; views that are not in front cost nothing.

    Parameters
    ----------
    channel
        Where the studies read the spec and start their jobs.
    selected
        Returns the index of the learner that is loud.
    """

    def __init__(self, channel: ChannelClient, selected: Callable[[], int]) -> None:
        curves, weights = CurvesView(), WeightSpaceView()
        metrics, ledger, studies = MetricsView(), LedgerView(), StudiesView(channel, selected)
        super().__init__(
            (
                (CardView("curves", "Curves", curves),),
                (CardView("weights", "Weight space", weights),),
                (
                    CardView("metrics", "Metrics", metrics),
                    CardView("ledger", "Ledger", ledger),
                    CardView("studies", "Studies", studies),
                ),
            )
        )
        self.curves, self.weights = curves, weights
        self.metrics, self.ledger, self.studies = metrics, ledger, studies
        self._turns = Turns(CALM_ROUND)

    def render_frame(self, frame: Frame, view: LearnerView | None, *, pouring: bool) -> None:
        """Draw a frame; the two plots take turns while frames pour in."""
        shown = self.shown()
        self._turns.begin(pouring=pouring)
        if "curves" in shown and self._turns.allows(0):
            self.curves.render_frame(frame)
        if "weights" in shown and self._turns.allows(3):
            self.weights.render_frame(frame, view)
        if "ledger" in shown:
            self.ledger.show_learner(view, frame.snapshot.step)

    def render_slow(self, view: LearnerView | None) -> None:
        """Refresh what is read rather than watched."""
        self._turns.note_words()
        shown = self.shown()
        if "metrics" in shown:
            self.metrics.show_learner(view)
        if "weights" in shown:
            self.weights.render_slow()

    def costly_views(self, selected: int) -> frozenset[str]:
        """Return which costly parts of the snapshot the cards in front show."""
        parts = {"metrics": VIEW_METRICS, "ledger": VIEW_LEDGER, "weights": surface_view(selected)}
        return frozenset(part for key, part in parts.items() if key in self.shown())
