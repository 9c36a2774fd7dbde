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
        self._turns = 0
        self._words_come = False

    def render_frame(self, frame: Frame, view: LearnerView | None, *, pouring: bool) -> None:
        """Draw a frame; while frames pour in, every third one brings curves or weight space.

        A picture with fresh words in it has enough to paint: the plots wait for the next.
        """
        shown = self.shown()
        words, self._words_come = self._words_come, False
        self._turns += not words
        turn = self._turns % 3
        if "curves" in shown and (not pouring or (turn == 0 and not words)):
            self.curves.render_frame(frame)
        if "weights" in shown and (not pouring or (turn == 1 and not words)):
            self.weights.render_frame(frame, view)
        if "ledger" in shown:
            self.ledger.show_learner(view, frame.snapshot.step)

    def render_slow(self, view: LearnerView | None) -> None:
        """Refresh what is read rather than watched."""
        self._words_come = True
        shown = self.shown()
        if "metrics" in shown:
            self.metrics.show_learner(view)
        if "weights" in shown:
            self.weights.render_slow()

    def costly_views(self, selected: int) -> frozenset[str]:
        """Return which costly parts of the snapshot the cards in front show."""
        parts = {"metrics": VIEW_METRICS, "ledger": VIEW_LEDGER, "weights": surface_view(selected)}
        return frozenset(part for key, part in parts.items() if key in self.shown())
