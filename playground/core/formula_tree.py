"""Expression trees of formulas: a closed set of nodes, their numbers, their text, their source.

Each node caches its height and its compiled form, so that a tree of n nodes is checked while it
is parsed in O(n). Constant parts are computed once, with the rules of IEEE 754 and not with
Python's: 1/0 is infinite and raises nothing.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    Evaluator: TypeAlias = Callable[[Any, Any, ModuleType], Any]

_Made = TypeVar("_Made")

VARIABLES = ("x", "y")
CONSTANTS = {"pi": math.pi, "e": math.e}


class Function(NamedTuple):
    """A function that formulas may call: what numpy and torch call it, and how many values."""

    attribute: str
    arguments: tuple[int, int] = (1, 1)


FUNCTIONS = {
    "sin": Function("sin"),
    "cos": Function("cos"),
    "tan": Function("tan"),
    "asin": Function("asin"),
    "acos": Function("acos"),
    "atan": Function("atan"),
    "sinh": Function("sinh"),
    "cosh": Function("cosh"),
    "tanh": Function("tanh"),
    "exp": Function("exp"),
    "log": Function("log"),
    "sqrt": Function("sqrt"),
    "abs": Function("abs"),
    "sign": Function("sign"),
    "sigmoid": Function("sigmoid"),
    "min": Function("minimum", (2, 8)),
    "max": Function("maximum", (2, 8)),
}
# numpy < 2 has no short names for the inverse functions.
_NUMPY_NAMES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 4}
_SIGN_STRENGTH = 3
_ATOM_STRENGTH = 5


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was typed; finite and not negative."""

    value: float


@dataclass(frozen=True, slots=True)
class Constant:
    """A named number: pi or e."""

    name: str


@dataclass(frozen=True, slots=True)
class Variable:
    """x or y."""

    name: str


@dataclass(frozen=True, eq=False)
class Negative:
    """−inner."""

    inner: Node


@dataclass(frozen=True, eq=False)
class Binary:
    """left operator right, with one of + − * / **."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, eq=False)
class Call:
    """A function of one or more values."""

    name: str
    arguments: tuple[Node, ...]


Node: TypeAlias = Number | Constant | Variable | Negative | Binary | Call


class Compiled(NamedTuple):
    """A tree as a function; ``value`` counts where it is constant."""

    evaluate: Evaluator
    constant: bool
    value: float = math.nan


def height(node: Node) -> int:
    """Return the number of operations on the longest way from the root to a leaf."""
    if isinstance(node, Number | Constant | Variable):
        return 0
    return _cached(node, "_height", _height)


def compiled(node: Node) -> Compiled:
    """Return the tree as a function of ``(x, y, xp)`` with its constant parts computed.

    The function gives a Python float where the tree is constant.
    """
    if isinstance(node, Number):
        return _constant(node.value)
    if isinstance(node, Constant):
        return _constant(CONSTANTS[node.name])
    if isinstance(node, Variable):
        return Compiled(_first if node.name == "x" else _second, constant=False)
    return _cached(node, "_compiled", _compiled)


def written(node: Node) -> str:
    """Return the canonical text of a tree: as few brackets as the precedence allows."""
    return _text(node, 0, _typed_leaf, _typed_call)


def torch_source(node: Node) -> str:
    """Return the tree as Python source over the tensors ``x`` and ``y``.

    It needs ``import math`` and ``import torch`` before it, and gives a tensor for any tree.
    """
    return _tensor(node) if compiled(node).constant else _text(node, 0, _python_leaf, _torch_call)


def _cached(node: Any, slot: str, make: Callable[[Any], _Made]) -> _Made:
    found: _Made | None = node.__dict__.get(slot)
    if found is None:
        found = make(node)
        object.__setattr__(node, slot, found)
    return found


def _height(node: Negative | Binary | Call) -> int:
    match node:
        case Negative(inner):
            return 1 + height(inner)
        case Binary(_, left, right):
            return 1 + max(height(left), height(right))
        case Call(_, arguments):
            return 1 + max(height(argument) for argument in arguments)


def _compiled(node: Negative | Binary | Call) -> Compiled:
    match node:
        case Negative(inner):
            parts: tuple[Node, ...] = (inner,)
            operation = _negative
        case Binary(operator, left, right):
            parts = (left, right)
            operation = _OPERATIONS[operator]
        case Call(name, arguments):
            parts = arguments
            operation = _function(name)
    ready = [compiled(part) for part in parts]
    if all(part.constant for part in ready):
        with np.errstate(all="ignore"):
            value = operation(np, *(np.float64(part.value) for part in ready))
        return _constant(float(value))
    return Compiled(_bound(operation, [part.evaluate for part in ready]), constant=False)


def _bound(operation: Callable[..., Any], parts: list[Evaluator]) -> Evaluator:
    """Return one function that evaluates the parts and combines them."""
    if len(parts) == 1:
        (only,) = parts
        return lambda x, y, xp: operation(xp, only(x, y, xp))
    if len(parts) == 2:
        left, right = parts
        return lambda x, y, xp: operation(xp, left(x, y, xp), right(x, y, xp))
    return lambda x, y, xp: operation(xp, *(part(x, y, xp) for part in parts))


def _constant(value: float) -> Compiled:
    return Compiled(lambda _x, _y, _xp: value, constant=True, value=value)


def _first(x: Any, _y: Any, _xp: ModuleType) -> Any:
    return x


def _second(_x: Any, y: Any, _xp: ModuleType) -> Any:
    return y


def _negative(_xp: ModuleType, value: Any) -> Any:
    return -value


def _power(xp: ModuleType, base: Any, exponent: Any) -> Any:
    # Not base ** exponent: Python's own power of two floats raises where IEEE 754 gives inf.
    return np.power(base, exponent) if xp is np else xp.pow(base, exponent)


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": lambda _xp, left, right: left + right,
    "-": lambda _xp, left, right: left - right,
    "*": lambda _xp, left, right: left * right,
    "/": lambda _xp, left, right: left / right,
    "**": _power,
}


def _function(name: str) -> Callable[..., Any]:
    if name == "sigmoid":
        return _sigmoid
    if name in ("min", "max"):
        return functools.partial(_extreme, FUNCTIONS[name].attribute)
    return functools.partial(_elementwise, name, _NUMPY_NAMES.get(name, name))


def _elementwise(torch_name: str, numpy_name: str, xp: ModuleType, value: Any) -> Any:
    return getattr(xp, numpy_name if xp is np else torch_name)(value)


def _sigmoid(xp: ModuleType, value: Any) -> Any:
    """σ(z) = ½(1 + tanh ½z): the form that cannot overflow."""
    return 0.5 * (1.0 + xp.tanh(0.5 * value))


def _extreme(attribute: str, xp: ModuleType, *values: Any) -> Any:
    like = next((value for value in values if not isinstance(value, float)), values[0])
    full = [xp.full_like(like, value) if isinstance(value, float) else value for value in values]
    return functools.reduce(getattr(xp, attribute), full)


def _typed_leaf(value: float | str) -> str:
    """Return a number or a named constant as it is typed into a formula."""
    if isinstance(value, str):
        return value
    return str(int(value)) if value == int(value) and value < 1e15 else repr(value)


def _python_leaf(value: float | str) -> str:
    """Return a number or a named constant as Python source."""
    return f"math.{value}" if isinstance(value, str) else _typed_leaf(value)


def _typed_call(node: Call) -> str:
    parts = (_text(part, 0, _typed_leaf, _typed_call) for part in node.arguments)
    return f"{node.name}({', '.join(parts)})"


def _torch_call(node: Call) -> str:
    """Return a call of torch, which takes tensors only, and minimum and maximum of two only."""
    if compiled(node).constant:
        value = compiled(node).value
        return repr(value) if value >= 0 else f"({value!r})"
    parts = [
        _tensor(part) if compiled(part).constant else _text(part, 0, _python_leaf, _torch_call)
        for part in node.arguments
    ]
    name = f"torch.{FUNCTIONS[node.name].attribute}"
    if len(parts) == 1:
        return f"{name}({parts[0]})"
    return functools.reduce(lambda left, right: f"{name}({left}, {right})", parts)


def _tensor(node: Node) -> str:
    return f"torch.full_like(x, {compiled(node).value!r})"


def _text(
    node: Node,
    floor: int,
    leaf: Callable[[float | str], str],
    call: Callable[[Call], str],
) -> str:
    """Return a tree as text, in brackets where it binds weaker than ``floor``."""
    match node:
        case Number(value):
            return leaf(value)
        case Constant(name):
            return leaf(name)
        case Variable(name):
            return name
        case Call():
            return call(node)
        case Negative(inner):
            text, strength = f"-{_text(inner, _SIGN_STRENGTH, leaf, call)}", _SIGN_STRENGTH
        case Binary("**", left, right):
            # Powers group to the right, and a sign after ** needs no brackets.
            base = _text(left, _ATOM_STRENGTH, leaf, call)
            text = f"{base}**{_text(right, _SIGN_STRENGTH, leaf, call)}"
            strength = _STRENGTH["**"]
        case Binary(operator, left, right):
            strength = _STRENGTH[operator]
            space = " " if strength == 1 else ""
            before = _text(left, strength, leaf, call)
            text = f"{before}{space}{operator}{space}{_text(right, strength + 1, leaf, call)}"
    return text if strength >= floor else f"({text})"
