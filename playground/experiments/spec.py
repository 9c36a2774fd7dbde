"""The declarative model of an experiment: one Spec is the form, the file and the command line.

A :class:`Spec` is a frozen pydantic model whose fields carry a :class:`Knob`. From that one
declaration are derived the editors of the inspector (label, bounds, unit, scale), the validation
of run files and the ``--set path=value`` options of the command line. Nothing is declared twice.

A *path* names a value inside a spec: ``("stop", "epochs")`` or ``("learners", 0, "rate")``;
on the command line it is written with dots: ``learners.0.rate``.
"""

from __future__ import annotations

import enum
import json
import types
import typing
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticUndefined

if typing.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic.fields import FieldInfo

Path = tuple[str | int, ...]
SpecT = TypeVar("SpecT", bound="Spec")
FieldKind = Literal["float", "int", "bool", "choice", "text", "specs", "opaque"]
NUMBER_BOUNDS = ("ge", "gt", "le", "lt")


class SpecError(ValueError):
    """Says in one sentence which value was refused and what is allowed."""


@dataclass(frozen=True, slots=True)
class Knob:
    """What a person sees of a field.

    Parameters
    ----------
    label
        Short name in the field's standard terms, such as ``"learning rate α"``.
    help
        One or two sentences for the tooltip and the command line.
    group
        Head under which the inspector lists the field; empty inherits the parent's.
    unit
        Unit written behind the number; empty for pure numbers.
    scale
        ``"log"`` gives a logarithmic slider; its bounds must be positive.
    step
        Increment of arrow keys and wheel on a linear scale.
    live
        True when a change applies at the current step; False when it starts a new run.
    shown_when
        ``(field name in the same spec, allowed values)``: the knob is shown only then.
    labels
        Words for the values of a choice, ``{value: label}``.
    soft_minimum, soft_maximum
        Range of the slider where it is narrower than what may be typed.
    hidden
        True for fields that a view of its own edits (points on a plane, a list of learners).
    """

    label: str
    help: str = ""
    group: str = ""
    unit: str = ""
    scale: Literal["linear", "log"] = "linear"
    step: float | None = None
    live: bool = False
    shown_when: tuple[str, tuple[Any, ...]] | None = None
    labels: Mapping[Any, str] | None = None
    soft_minimum: float | None = None
    soft_maximum: float | None = None
    hidden: bool = False


class Spec(BaseModel):
    """Frozen, validated description of something to run; unknown fields are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        validate_default=True,
        arbitrary_types_allowed=True,
    )

    def following(self, name: str, value: Any) -> Mapping[str, Any]:  # noqa: ARG002 - for overriding
        """Return values of other fields that go along when a person sets the field ``name``.

        A preset, for example, brings its usual numbers with it. Called by :func:`replace_at` before
        the new value is validated; for a value inside a nested spec also with the dotted name and
        before the spec that holds it.
        """
        return {}


@dataclass(frozen=True, slots=True)
class SpecField:
    """One editable value of a spec, as the form and the command line see it.

    ``minimum`` and ``maximum`` are None where unbounded; ``choices`` holds ``(value, label)``.
    """

    path: Path
    kind: FieldKind
    knob: Knob
    default: Any
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[tuple[Any, str], ...] = ()
    optional: bool = False
    item_type: type[Spec] | None = None


def describe(spec_type: type[Spec], prefix: Path = (), group: str = "") -> tuple[SpecField, ...]:
    """Return the fields of a spec in declaration order, nested specs flattened.

    A tuple of specs stays one field of kind ``"specs"`` with its ``item_type``; fields without a
    :class:`Knob` are internal and left out.
    """
    found: list[SpecField] = []
    for name, info in spec_type.model_fields.items():
        knob = _knob_of(info)
        nested = _nested_spec(info.annotation)
        here = knob.group if knob is not None and knob.group else group
        if nested is not None:
            found.extend(describe(nested, (*prefix, name), here))
        elif knob is not None:
            found.append(_describe_field((*prefix, name), info, knob, here))
    return tuple(found)


def field_at(spec_type: type[Spec], path: Path) -> SpecField:
    """Return the description of one field; indices into tuples of specs are allowed.

    Raises
    ------
    SpecError
        If the path names nothing that a person may set.
    """
    for field in describe(spec_type):
        depth = len(field.path)
        if field.path == path:
            return field
        if field.item_type is not None and path[:depth] == field.path and len(path) > depth + 1:
            inner = field_at(field.item_type, path[depth + 1 :])
            return _with_path(inner, (*path[: depth + 1], *inner.path))
    allowed = ", ".join(dotted(field.path) for field in describe(spec_type))
    raise SpecError(f"There is no setting “{dotted(path)}”; there are: {allowed}.")


def value_at(spec: Spec, path: Path) -> Any:
    """Return the value that a path names; raise :class:`SpecError` where there is none."""
    value: Any = spec
    for key in path:
        try:
            value = value[key] if isinstance(key, int) else getattr(value, key)
        except (AttributeError, IndexError, TypeError):
            raise SpecError(f"There is no setting “{dotted(path)}”.") from None
    return value


def replace_at(spec: SpecT, path: Path, value: Any) -> SpecT:
    """Return a copy of the spec with one value replaced, validated as a whole.

    Raises
    ------
    SpecError
        If the path does not exist or the value is not allowed there; the spec is untouched.
    """
    return typing.cast("SpecT", _replaced(spec, path, value, path))


def validate(spec_type: type[SpecT], data: Any) -> SpecT:
    """Return a spec made from plain data (a parsed JSON object), or raise :class:`SpecError`."""
    try:
        return spec_type.model_validate(data)
    except ValidationError as error:
        raise SpecError(sentence(error, spec_type)) from None
    except RecursionError:
        raise SpecError("The description is nested too deeply to be a run.") from None


def parse_assignments(spec: SpecT, assignments: Iterable[str]) -> SpecT:
    """Return the spec with ``path=value`` texts of the command line applied in order.

    Values are read as JSON where that parses (numbers, true/false, lists) and as text otherwise.
    """
    for text in assignments:
        name, equals, raw = text.partition("=")
        if not equals or not name.strip():
            raise SpecError(f"“{text}” is not of the form name=value.")
        path = parse_path(name.strip())
        field_at(type(spec), path)
        try:
            value = json.loads(raw)
        except (json.JSONDecodeError, RecursionError):
            value = raw.strip()
        spec = replace_at(spec, path, value)
    return spec


def parse_path(text: str) -> Path:
    """Return the path written as ``learners.0.rate``."""
    return tuple(int(part) if part.isdecimal() else part for part in text.split("."))


def dotted(path: Path) -> str:
    """Return a path as it is written on the command line."""
    return ".".join(str(part) for part in path)


def sentence(error: ValidationError, spec_type: type[Spec] | None = None) -> str:
    """Return the first problem of a pydantic error as one sentence a person understands."""
    first = error.errors(include_url=False)[0]
    path: Path = tuple(first["loc"])
    name = _label_for(spec_type, path) if spec_type is not None else dotted(path)
    context = first.get("ctx", {})
    got = _shortened(first.get("input"))
    match first["type"]:
        case "greater_than_equal":
            return f"{name} must be at least {context['ge']} (got {got})."
        case "greater_than":
            return f"{name} must be greater than {context['gt']} (got {got})."
        case "less_than_equal":
            return f"{name} must be at most {context['le']} (got {got})."
        case "less_than":
            return f"{name} must be less than {context['lt']} (got {got})."
        case "literal_error" | "enum":
            return f"{name} must be one of {context['expected']} (got {got})."
        case "extra_forbidden":
            return f"There is no setting “{dotted(path)}”."
        case "missing":
            return f"{name} is missing."
        case "too_long":
            return f"{name} may hold at most {context['max_length']} entries."
        case "too_short":
            return f"{name} needs at least {context['min_length']} entries."
        case "value_error":
            return str(context.get("error", first["msg"]))
        case "finite_number":
            return f"{name} must be a finite number (got {got})."
        case kind if kind.startswith(("float", "int")):
            noun = "a whole number" if kind.startswith("int") else "a number"
            return f"{name} must be {noun} (got {got})."
        case _:
            return f"{name}: {first['msg']} (got {got})."


def _replaced(node: Any, path: Path, value: Any, whole: Path) -> Any:
    """Rebuild the chain of specs above one value, innermost first."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(node, tuple) and isinstance(key, int):
        if not 0 <= key < len(node):
            raise SpecError(f"There is no entry {key} in “{dotted(whole)}”.")
        return (*node[:key], _replaced(node[key], rest, value, whole), *node[key + 1 :])
    if not isinstance(node, Spec) or key not in type(node).model_fields:
        raise SpecError(f"There is no setting “{dotted(whole)}”.")
    fields = {name: getattr(node, name) for name in type(node).model_fields}
    fields[str(key)] = _replaced(fields[str(key)], rest, value, whole)
    fields.update(node.following(dotted(path), value))
    return validate(type(node), fields)


def _knob_of(info: FieldInfo) -> Knob | None:
    return next((entry for entry in info.metadata if isinstance(entry, Knob)), None)


def _nested_spec(annotation: Any) -> type[Spec] | None:
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        return annotation
    return None


def _describe_field(path: Path, info: FieldInfo, knob: Knob, group: str) -> SpecField:
    annotation, optional = _without_none(info.annotation)
    bounds = {
        name: getattr(entry, name)
        for entry in info.metadata
        for name in NUMBER_BOUNDS
        if getattr(entry, name, None) is not None
    }
    kind, choices, item_type = _kind_of(annotation, knob)
    default = None if info.default is PydanticUndefined else info.default
    return SpecField(
        path=path,
        kind=kind,
        knob=knob if knob.group == group else _with_group(knob, group),
        default=default,
        minimum=bounds.get("ge", bounds.get("gt")),
        maximum=bounds.get("le", bounds.get("lt")),
        choices=choices,
        optional=optional,
        item_type=item_type,
    )


def _kind_of(
    annotation: Any, knob: Knob
) -> tuple[FieldKind, tuple[tuple[Any, str], ...], type[Spec] | None]:
    labels = knob.labels or {}
    if get_origin(annotation) is Literal:
        values = get_args(annotation)
        return "choice", tuple((value, labels.get(value, str(value))) for value in values), None
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        members = tuple((member, labels.get(member, str(member.value))) for member in annotation)
        return "choice", members, None
    if get_origin(annotation) is tuple:
        item = get_args(annotation)[0]
        if isinstance(item, type) and issubclass(item, Spec):
            return "specs", (), item
    simple: dict[Any, FieldKind] = {float: "float", int: "int", bool: "bool", str: "text"}
    return simple.get(annotation, "opaque"), (), None


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (typing.Union, types.UnionType):
        members = [member for member in get_args(annotation) if member is not type(None)]
        if len(members) == 1 and len(members) < len(get_args(annotation)):
            return members[0], True
    return annotation, False


def _with_group(knob: Knob, group: str) -> Knob:
    return replace(knob, group=group)


def _with_path(field: SpecField, path: Path) -> SpecField:
    return replace(field, path=path)


def _label_for(spec_type: type[Spec], path: Path) -> str:
    try:
        return field_at(spec_type, path).knob.label
    except SpecError:
        return dotted(path) or "The description"


def _shortened(value: Any, limit: int = 40) -> str:
    try:
        text = str(value)
    except RecursionError:
        return "something nested too deeply"
    return text if len(text) <= limit else f"{text[:limit]}…"
