"""Run files (``*.playrun``): a small JSON document that reproduces a run bit for bit.

A document is the spec, the seed and the log of edits, and where the run stood. It holds plain
data until the experiment of its ``kind`` turns it into typed specs and edits, so that it may
cross threads and be written before anything heavy is imported.
"""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError
from pydantic_core import PydanticUndefined

from playground import __version__
from playground.core.atomic_files import SaveError, write_atomically
from playground.experiments.registry import UnknownExperiment, experiment_type
from playground.experiments.spec import Spec, SpecError, sentence, validate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from playground.experiments.base import Edit, Experiment

FORMAT = "playrun"
VERSION = 1
SUFFIX = ".playrun"
MAX_BYTES = 64 * 2**20
MAX_STEP = 10**12
MAX_SEED = 2**63 - 1

StepNumber = Annotated[StrictInt, Field(ge=0, le=MAX_STEP)]


class RunFileError(ValueError):
    """Says in one sentence why a file is not a run that can be opened."""


class RunDocument(BaseModel):
    """What reproduces a run: spec, seed and edits as plain data, and where the run stands."""

    # “constants”: a NaN must be refused when it is saved, not quietly become null.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    format: Literal["playrun"] = "playrun"
    version: Literal[1] = 1
    app: StrictStr = __version__
    kind: StrictStr
    spec: dict[str, Any]
    seed: Annotated[StrictInt, Field(ge=0, le=MAX_SEED)]
    edits: tuple[tuple[StepNumber, dict[str, Any]], ...] = ()
    step: StepNumber = 0
    frontier: StepNumber = 0
    label: StrictStr = ""

    @classmethod
    def of(
        cls,
        kind: str,
        spec: Spec,
        seed: int,
        edits: Iterable[tuple[int, Edit]] = (),
        *,
        step: int = 0,
        frontier: int = 0,
        label: str = "",
    ) -> RunDocument:
        """Return the document of a run."""
        return cls(
            kind=kind,
            spec=spec.model_dump(mode="json"),
            seed=seed,
            edits=tuple((at, edit.model_dump(mode="json")) for at, edit in edits),
            step=step,
            frontier=frontier,
            label=label,
        )

    def typed_spec(self, experiment: type[Experiment]) -> Spec:
        """Return the spec; raise :class:`SpecError` where the experiment does not allow it."""
        return validate(experiment.spec_type, self.spec)

    def typed_edits(self, experiment: type[Experiment]) -> list[tuple[int, Edit]]:
        """Return the log of edits; raise :class:`SpecError` for one the experiment lacks."""
        types = {_tag(edit_type): edit_type for edit_type in experiment.edit_types}
        return [(step, _typed_edit(step, data, types)) for step, data in self.edits]


def save(path: Path, document: RunDocument) -> None:
    """Write a run file; the old file survives any failure.

    Raises
    ------
    RunFileError
        If the file cannot be written.
    """
    try:
        text = json.dumps(document.model_dump(mode="json"), allow_nan=False)
    except ValueError:
        raise RunFileError("A run with a value that is no number cannot be saved.") from None
    if len(text) >= MAX_BYTES:
        raise RunFileError(f"The run is larger than the {MAX_BYTES // 2**20} MB a file may have.")
    try:
        write_atomically(path, text + "\n")
    except SaveError as error:
        raise RunFileError(str(error)) from None


def load(path: Path, create: Callable[[str], type[Experiment]] = experiment_type) -> RunDocument:
    """Return the document in a run file, checked as far as possible without running it.

    Raises
    ------
    RunFileError
        If the file is missing, too large, no run file, of a newer version, or holds anything
        that its experiment does not allow.
    """
    return parse(_read(path), path.name, create)


def parse(
    text: str, name: str, create: Callable[[str], type[Experiment]] = experiment_type
) -> RunDocument:
    """Return the document in the text of a run file called ``name``; see :func:`load`."""
    data = _plain(text, name)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise RunFileError(f"“{name}” is not a run of the playground.")
    version = data.get("version")
    if type(version) is not int or version < 1:
        raise RunFileError(f"“{name}” cannot be opened: its file version is missing or wrong.")
    if version > VERSION:
        raise RunFileError(
            f"“{name}” was saved by a newer playground (file version {version}; "
            f"this one reads up to {VERSION})."
        )
    try:
        document = RunDocument.model_validate(data)
        experiment = create(document.kind)
        document.typed_spec(experiment)
        document.typed_edits(experiment)
    except ValidationError as error:
        raise RunFileError(f"“{name}” cannot be opened: {sentence(error)}") from None
    except RecursionError:
        raise RunFileError(f"“{name}” is nested too deeply to be a run.") from None
    except (SpecError, UnknownExperiment) as error:
        raise RunFileError(f"“{name}” cannot be opened: {error}") from None
    _check_order(document, name)
    return document


def _check_order(document: RunDocument, name: str) -> None:
    steps = [step for step, _ in document.edits]
    if any(later < earlier for earlier, later in pairwise(steps)):
        raise RunFileError(f"“{name}” cannot be opened: its edits are not in order.")
    if steps and steps[-1] > document.frontier:
        raise RunFileError(
            f"“{name}” cannot be opened: an edit at step {steps[-1]} lies beyond the run's "
            f"{document.frontier} steps."
        )
    if document.step > document.frontier:
        raise RunFileError(
            f"“{name}” cannot be opened: it stands at step {document.step} of a run of "
            f"{document.frontier} steps."
        )


def _read(path: Path) -> str:
    name = path.name
    try:
        if path.is_dir():
            raise RunFileError(f"“{name}” is a folder, not a run file.")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise RunFileError(f"There is no file “{path}”.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RunFileError(f"“{name}” cannot be read: {reason}.") from None
    if len(data) > MAX_BYTES:
        raise RunFileError(f"“{name}” is larger than {MAX_BYTES // 2**20} MB.")
    if not data.strip():
        raise RunFileError(f"“{name}” is empty.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RunFileError(f"“{name}” is not a run file: it holds binary data.") from None


class _Unsuitable(ValueError):
    """Something that JSON allows, or Python's reader does, but a run file must not hold."""


def _plain(text: str, name: str) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except RecursionError:
        raise RunFileError(f"“{name}” is nested too deeply to be a run.") from None
    except json.JSONDecodeError as error:
        raise RunFileError(
            f"“{name}” is damaged or not a run file (line {error.lineno}: {error.msg})."
        ) from None
    except ValueError as error:
        reason = str(error) if isinstance(error, _Unsuitable) else "a number is too long"
        raise RunFileError(f"“{name}” cannot be opened: {reason}.") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Unsuitable(f"“{name[:40]}” is given twice")
        found[name] = value
    return found


def _no_constant(text: str) -> NoReturn:
    raise _Unsuitable(f"{text} is not a number a run may hold")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _Unsuitable(f"{text[:40]} is too large a number")
    return value


def _tag(edit_type: type[Edit]) -> str:
    default = edit_type.model_fields["type"].default
    return "" if default is PydanticUndefined else str(default)


def _typed_edit(step: int, data: dict[str, Any], types: dict[str, type[Edit]]) -> Edit:
    tag = data.get("type")
    if not isinstance(tag, str) or tag not in types:
        allowed = ", ".join(sorted(types))
        raise SpecError(f"The edit at step {step} must be one of {allowed} (got {str(tag)[:40]}).")
    try:
        return types[tag].model_validate(data)
    except ValidationError as error:
        raise SpecError(f"The edit at step {step}: {sentence(error)}") from None
    except RecursionError:
        raise SpecError(f"The edit at step {step} is nested too deeply.") from None
