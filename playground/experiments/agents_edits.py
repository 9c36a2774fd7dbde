"""Weights from elsewhere in a run of an agent, as text that a run file carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from playground.experiments.base import Edit
from playground.experiments.cnn_edits import MAX_TEXT, pack_arrays

if TYPE_CHECKING:
    from playground.experiments.agents_policy import Policy


class LoadPolicy(Edit):
    """Go on with the networks of another policy; the optimizer keeps what it remembers.

    Parameters
    ----------
    packed
        Networks of the same shapes, made by :func:`playground.experiments.cnn_edits.pack_arrays`.
    name
        Where they come from, such as a bundled agent.
    """

    type: Literal["load_policy"] = "load_policy"
    packed: Annotated[str, Field(max_length=MAX_TEXT)]
    name: Annotated[str, Field(max_length=200)] = ""

    def describe(self) -> str:
        """Return for example ``"go on with PPO on Lunar Lander"``."""
        return f"go on with {self.name}" if self.name else "load a policy"

    def merges_with(self, later: Edit) -> bool:
        """Tell whether the later edit replaces the weights again."""
        return isinstance(later, LoadPolicy)


def load_policy(policy: Policy, name: str = "") -> LoadPolicy:
    """Return the edit that lets a run go on with a policy."""
    return LoadPolicy(packed=pack_arrays(policy.arrays), name=name)
