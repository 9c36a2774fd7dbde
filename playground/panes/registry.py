"""The panes there are, in the order of the rail; the code of one is imported when it is opened."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

from playground.panes.base import PaneInfo

if TYPE_CHECKING:
    from playground.panes.base import Pane

PANES: tuple[PaneInfo, ...] = (
    PaneInfo(
        id="perceptron",
        title="Perceptron and Adaline",
        rail_label="Perceptron",
        icon="pane-perceptron",
        experiment_kind="perceptron",
        factory="playground.panes.perceptron.pane:PerceptronPane",
        shortcut="1",
    ),
    PaneInfo(
        id="optimizers",
        title="Optimizer race",
        rail_label="Optimizers",
        icon="pane-optimizers",
        experiment_kind="optimizers",
        factory="playground.panes.optimizers.pane:OptimizerRacePane",
        shortcut="2",
    ),
    PaneInfo(
        id="init",
        title="Weight initialisation",
        rail_label="Initialisation",
        icon="pane-init",
        experiment_kind="init",
        factory="playground.panes.init.pane:InitPane",
        shortcut="3",
    ),
    PaneInfo(
        id="cnn",
        title="Convolutional networks",
        rail_label="Convolution",
        icon="pane-cnn",
        experiment_kind="cnn",
        factory="playground.panes.cnn.network:NetworkPart",
        shortcut="4",
        tab="Network",
    ),
    PaneInfo(
        id="convolution",
        title="Convolutional networks",
        rail_label="Convolution",
        icon="pane-cnn",
        experiment_kind="convolution",
        factory="playground.panes.cnn.convolution_lab:ConvolutionLab",
        shortcut="Ctrl+4",
        under="cnn",
        tab="Convolution laboratory",
    ),
    PaneInfo(
        id="fourier",
        title="Convolutional networks",
        rail_label="Convolution",
        icon="pane-cnn",
        experiment_kind="fourier",
        factory="playground.panes.cnn.fourier_lab:FourierLab",
        shortcut="Ctrl+Shift+4",
        under="cnn",
        tab="Fourier laboratory",
    ),
    PaneInfo(
        id="agents",
        title="Agents",
        rail_label="Agents",
        icon="pane-agents",
        experiment_kind="agents",
        factory="playground.panes.agents.pane:AgentsPane",
        shortcut="5",
    ),
)


class UnknownPane(ValueError):
    """Says which panes there are."""


def pane_info(pane_id: str, panes: tuple[PaneInfo, ...] = PANES) -> PaneInfo:
    """Return the line of a pane by its id; raise :class:`UnknownPane`."""
    for info in panes:
        if info.id == pane_id:
            return info
    names = ", ".join(info.id for info in panes)
    raise UnknownPane(f"There is no pane “{pane_id}”; there are: {names}.")


def tabs_of(info: PaneInfo, panes: tuple[PaneInfo, ...] = PANES) -> tuple[PaneInfo, ...]:
    """Return the panes that share the entry of the rail with a pane, in the order of their tabs."""
    return tuple(other for other in panes if other.entry == info.entry)


def pane_type(info: PaneInfo) -> type[Pane]:
    """Return the class of a pane, imported now."""
    module, _, name = info.factory.partition(":")
    return cast("type[Pane]", getattr(importlib.import_module(module), name))
