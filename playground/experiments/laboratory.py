"""An experiment in which every knob is live: a laboratory, where a change is seen at once.

What follows from a change (a new kernel brings its cells) must be undone with it. The inverse of an
edit therefore puts back the whole sub-spec in which it happened, and not the one value.
"""

from __future__ import annotations

from playground.experiments.base import Edit, EditError, Experiment, SetValue
from playground.experiments.spec import Path, Spec, SpecError, value_at


class Laboratory(Experiment):
    """An experiment whose whole spec may change at any step.

    Besides single values, an edit may set a nested spec at once, such as ``("kernel",)`` to a
    mapping of its fields.
    """

    def inverse(self, edit: Edit) -> Edit | None:
        """Return the edit that puts back the sub-spec of the value that ``edit`` sets."""
        if not isinstance(edit, SetValue):
            return None
        path = edit.path
        parent = value_at(self.spec, path[:-1])
        if isinstance(parent, Spec) and len(path) > 1:
            path = path[:-1]
        value = value_at(self.spec, path)
        return edit.model_copy(update={"path": path, "value": _plain(value)})

    def _check_live(self, path: Path) -> None:
        try:
            value_at(self.spec, path)
        except SpecError as error:
            raise EditError(str(error)) from None
        if not path:
            raise EditError("A change must name the setting that it changes.")


def _plain(value: object) -> object:
    """Return a value as a run file holds it."""
    if isinstance(value, Spec):
        return value.model_dump(mode="json")
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value
