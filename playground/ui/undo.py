"""Undo commands of a channel: they ask the training thread, which answers with the exact inverse.

Nothing is kept twice: the thread says how an edit is undone, and after an undo how *that* is
undone, so that going back and forth any number of times stays exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from PySide6.QtGui import QUndoCommand

if TYPE_CHECKING:
    from playground.experiments.base import Edit
    from playground.experiments.spec import Spec

EDIT_ID = 1
OPEN_ID = 2


@dataclass(slots=True)
class EditPair:
    """An edit that was carried out and the edit that takes it back."""

    edit: Edit
    inverse: Edit


@dataclass(slots=True)
class RunPlace:
    """A run that was current once; ``spec`` and ``seed`` open it again when it is forgotten."""

    run_id: int
    spec: Spec
    seed: int
    label: str = ""


class UndoTarget(Protocol):
    """What an undo command asks of its channel."""

    def send_inverse(self, pair: EditPair) -> None:
        """Undo one edit; the pair is completed when the thread answers."""

    def send_again(self, pair: EditPair) -> None:
        """Redo one edit; the pair is completed when the thread answers."""

    def return_to(self, place: RunPlace) -> None:
        """Make a run current again; the place learns its new id if it had to be opened anew."""


class EditCommand(QUndoCommand):
    """One gesture of edits: a click, a whole drag, a stroke of the brush."""

    def __init__(self, target: UndoTarget, pair: EditPair, gesture: int) -> None:
        """Describe a change that has already been carried out."""
        super().__init__(pair.edit.describe())
        self._target = target
        self.pairs = [pair]
        self.gesture = gesture
        self._done = True

    def id(self) -> int:
        """Return the kind of command, so that only edits merge with edits."""
        return EDIT_ID

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take a later edit of the same gesture in; the first inverse and the last edit remain."""
        if not isinstance(other, EditCommand) or not self.gesture:
            return False
        if other.gesture != self.gesture:
            return False
        for later in other.pairs:
            last = self.pairs[-1]
            # Both ways: the same targets, so that the first inverse alone restores everything.
            if last.edit.merges_with(later.edit) and later.edit.merges_with(last.edit):
                last.edit = later.edit
            else:
                self.pairs.append(later)
        return True

    def undo(self) -> None:
        """Send the inverses, last one first."""
        for pair in reversed(self.pairs):
            self._target.send_inverse(pair)
        self._done = False

    def redo(self) -> None:
        """Send the edits again; the first call (when it is pushed) has nothing to do."""
        if self._done:
            return
        for pair in self.pairs:
            self._target.send_again(pair)
        self._done = True


class OpenCommand(QUndoCommand):
    """Another run became current because a person opened, reset or configured one."""

    def __init__(
        self, target: UndoTarget, text: str, before: RunPlace, after: RunPlace, gesture: int
    ) -> None:
        """Describe a change of run that has already happened."""
        super().__init__(text)
        self._target = target
        self._before = before
        self.after = after
        self.gesture = gesture
        self._done = True

    def id(self) -> int:
        """Return the kind of command, so that only openings merge with openings."""
        return OPEN_ID

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take a later opening of the same gesture in: first start, last goal."""
        if not isinstance(other, OpenCommand) or not self.gesture:
            return False
        if other.gesture != self.gesture:
            return False
        self.after = other.after
        return True

    def undo(self) -> None:
        """Go back to the run before."""
        self._target.return_to(self._before)
        self._done = False

    def redo(self) -> None:
        """Go to the opened run again; the first call (when it is pushed) has nothing to do."""
        if self._done:
            return
        self._target.return_to(self.after)
        self._done = True
