from __future__ import annotations

import pytest

from playground.assets_path import asset
from playground.experiments.registry import EXPERIMENTS
from playground.panes.base import Pane
from playground.panes.registry import PANES, UnknownPane, pane_info, pane_type


@pytest.mark.parametrize("info", PANES, ids=lambda info: info.id)
def test_every_pane_exists_and_is_complete(info):
    assert pane_info(info.id) is info
    assert issubclass(pane_type(info), Pane)
    assert info.experiment_kind in EXPERIMENTS
    assert asset("icons", f"{info.icon}.svg").is_file()
    assert asset("lessons", f"{info.entry}.md").is_file()


def test_ids_and_keys_are_unique():
    assert len({info.id for info in PANES}) == len(PANES)
    assert len({info.shortcut for info in PANES}) == len(PANES)


def test_an_unknown_pane_is_one_sentence():
    with pytest.raises(UnknownPane, match="There is no pane “x”; there are: perceptron"):
        pane_info("x")
