"""Which test image and which filter all views of the network tab look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.experiments.cnn_spec import CnnSpec, toggled

if TYPE_CHECKING:
    from playground.experiments.cnn_snapshot import CnnSnapshot
    from playground.panes.cnn.network import NetworkPart

KNOCKED_PATH = ("knocked_out",)
NO_FILTERS = "The output layer has no filters that could be knocked out."


class Choices:
    """Carries a choice made in one view to all the others."""

    def __init__(self, pane: NetworkPart) -> None:
        self._pane = pane

    def choose_example(self, example: int) -> None:
        """Let all views look at another test image."""
        pane, snapshot = self._pane, self._pane.snapshot()
        if snapshot is not None:
            example = min(max(0, example), snapshot.images.test_count - 1)
        changed = example != pane.features.example
        pane.features.set_example(example)
        if pane.explain is not None and pane.explain.example != example:
            pane.explain.set_example(example)
        if changed:
            pane.render_again()
            pane.views_changed.emit()

    def look_at(self, example: int) -> None:
        """Look at a test image, and bring its feature maps to the front."""
        self.choose_example(example)
        if "explain" not in self._pane.deck.shown():
            self._pane.deck.show_view("features")

    def choose_filter(self, block: int, index: int) -> None:
        """Let all views look at another filter."""
        self._pane.filters.set_selected((block, index))
        if self._pane.explain is not None:
            self._pane.explain.set_filter(block, index)

    def choose_map(self, block: int, index: int) -> None:
        """Look at the filter that made a map: of an activation, the one below it."""
        snapshot = self._pane.snapshot()
        if snapshot is None:
            return
        blocks = snapshot.spec.blocks
        for place in range(min(block, len(blocks) - 1), -1, -1):
            if blocks[place].filter_count:
                if index < blocks[place].filter_count:
                    self.choose_filter(place, index)
                return

    def toggle_filter(self, block: int, index: int) -> None:
        """Knock a filter out at the present step, or restore it; can be undone."""
        spec = self._pane.channel.spec
        if not isinstance(spec, CnnSpec):
            return
        self.choose_filter(block, index)
        if block >= len(spec.blocks):
            self._pane.context.report(NO_FILTERS, "")
            return
        self._pane.channel.edit_value(KNOCKED_PATH, toggled(spec, block, index))

    def restore_filters(self) -> None:
        """Bring all knocked-out filters back; can be undone."""
        spec = self._pane.channel.spec
        if isinstance(spec, CnnSpec) and spec.knocked_out:
            self._pane.channel.edit_value(KNOCKED_PATH, ())

    def match(self, snapshot: CnnSnapshot) -> None:
        """Give up what another run does not have."""
        if self._pane.features.example >= snapshot.images.test_count:
            self.choose_example(0)
        selected = self._pane.filters.selected
        if selected is not None and not has_filter(snapshot, *selected):
            self._pane.filters.set_selected(None)


def has_filter(snapshot: CnnSnapshot, block: int, index: int) -> bool:
    """Tell whether a network has a filter or neuron of that place."""
    blocks = snapshot.spec.blocks
    if block == len(blocks):
        return index < len(snapshot.images.class_names)
    return block < len(blocks) and index < blocks[block].filter_count
