"""Typed formulas in x and y: text → checked expression tree → numbers, gradients and source code.

    "sin(x)*cos(y) + 0.1*(x**2 + y**2)"  →  Formula  →  f(x, y) with numpy or torch

The text is cut into tokens, a precedence-climbing parser builds a tree of a closed set of
operations, and the tree is turned into nested functions that call those operations only. Nothing
typed is ever handed to the interpreter. With torch tensors the value can be differentiated.

Source of the parsing method: V. R. Pratt, "Top down operator precedence", POPL 1973.
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from playground.core.formula_tree import (
    CONSTANTS,
    FUNCTIONS,
    VARIABLES,
    Binary,
    Call,
    Constant,
    Negative,
    Node,
    Number,
    Variable,
    compiled,
    height,
    torch_source,
    written,
)

if TYPE_CHECKING:
    from types import ModuleType

MAX_LENGTH = 2_000
"""Characters of the longest formula that is read."""
MAX_NESTING = 100
"""Brackets, signs and powers inside each other."""
MAX_HEIGHT = 200
"""Operations that wait for each other, as in a sum of this many terms."""
MAX_EXPONENT = 100.0
"""Largest size of a constant exponent."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>π|[A-Za-z_]\w*)"
    r"|(?P<operator>\*\*|[-+*/^(),²³]))",
    re.ASCII,
)
_SPELLINGS = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "÷": "/", "\u00a0": " "})
_BINDING = {"+": 10, "-": 10, "*": 20, "/": 20, "**": 40}
_SIGN_BINDING = 30
_POSTFIX_POWERS = {"²": 2.0, "³": 3.0}


class FormulaError(ValueError):
    """Says in one sentence what is wrong with a formula, and where.

    Parameters
    ----------
    sentence
        What is wrong and what is allowed.
    position
        Index of the character in the text, counted from 0.
    """

    def __init__(self, sentence: str, position: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.position = position


@dataclass(frozen=True, slots=True)
class Formula:
    """A checked formula in x and y; make one with :func:`parse`.

    Parameters
    ----------
    text
        The canonical text: brackets only where they are needed, every product written out.
        Parsing it gives an equal formula.
    tree
        The expression tree.
    """

    text: str
    tree: Node

    @property
    def constant(self) -> bool:
        """Tell whether neither x nor y occurs: a surface on which nothing can move."""
        return compiled(self.tree).constant

    @property
    def torch_source(self) -> str:
        """Return the formula as Python source over tensors ``x`` and ``y`` of one shape."""
        return torch_source(self.tree)

    def __call__(self, x: Any, y: Any, xp: ModuleType) -> Any:
        """Return the values for arrays of one shape.

        Parameters
        ----------
        x, y
            float64 numpy arrays or torch tensors of one shape.
        xp
            The module they come from: ``numpy`` or ``torch``.
        """
        value = compiled(self.tree).evaluate(x, y, xp)
        return xp.full_like(x, value) if isinstance(value, float) else value


def parse(text: str) -> Formula:
    """Return the formula written in a text.

    Numbers, x, y, pi and e; + − * / ** ^ and brackets; the functions of
    :data:`~playground.core.formula_tree.FUNCTIONS`. A missing product sign is understood
    (``2x``, ``3 sin(x)``, ``(x+1)(y-1)``), and so are ², ³, × and π.

    Raises
    ------
    FormulaError
        With a sentence and the position of the character that it is about.
    """
    if len(text) > MAX_LENGTH:
        raise FormulaError(
            f"A formula has at most {MAX_LENGTH:,} characters (got {len(text):,}).", MAX_LENGTH
        )
    parser = _Parser(_tokens(text), len(text))
    tree = parser.whole()
    return Formula(written(tree), tree)


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    plain = text.translate(_SPELLINGS)
    at = 0
    while plain[at:].strip():
        match = _TOKEN.match(plain, at)
        if match is None:
            wrong = at + len(plain[at:]) - len(plain[at:].lstrip())
            raise FormulaError(
                f"The character “{text[wrong]}” has no meaning in a formula; allowed are numbers, "
                "x, y, + − * / ** and brackets.",
                wrong,
            )
        kind = str(match.lastgroup)
        word = match.group(kind)
        tokens.append(_Token(kind, {"^": "**", "π": "pi"}.get(word, word), match.start(kind)))
        at = match.end()
    return tokens


class _Parser:
    """Precedence climbing over a list of tokens; every node is checked as it is made."""

    def __init__(self, tokens: list[_Token], length: int) -> None:
        self._tokens = tokens
        self._next = 0
        self._end = _Token("end", "", length)
        self._nesting = 0

    def whole(self) -> Node:
        """Return the tree of all tokens."""
        if not self._tokens:
            raise FormulaError("The formula is empty; write something like x**2 + y**2.", 0)
        tree = self._expression(0)
        left = self._peek()
        if left.kind != "end":
            hint = "a “(” is missing before it" if left.text == ")" else "an operator is missing"
            raise FormulaError(f"“{left.text}” does not belong here: {hint}.", left.position)
        return tree

    def _peek(self) -> _Token:
        return self._tokens[self._next] if self._next < len(self._tokens) else self._end

    def _take(self) -> _Token:
        token = self._peek()
        self._next += 1
        return token

    def _expression(self, floor: int) -> Node:
        """Return the longest expression whose operators bind tighter than ``floor``."""
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise FormulaError(
                f"The formula is nested too deeply: more than {MAX_NESTING} levels.",
                self._peek().position,
            )
        left = self._operand()
        while True:
            token = self._peek()
            operator = self._operator_at(token)
            if operator is None or _BINDING[operator] <= floor:
                break
            if token.kind == "operator" and token.text != "(":
                self._take()
            if token.text in _POSTFIX_POWERS:
                right: Node = Number(_POSTFIX_POWERS[token.text])
            else:
                # One less than its own: a power's right side may hold another power.
                floor_of_right = _SIGN_BINDING - 1 if operator == "**" else _BINDING[operator]
                right = self._expression(floor_of_right)
            left = self._checked(Binary(operator, left, right), token.position)
        self._nesting -= 1
        return left

    def _operator_at(self, token: _Token) -> str | None:
        """Return the operator that a token stands for; a missing product sign is one too."""
        if token.text in _POSTFIX_POWERS:
            return "**"
        if token.kind == "name" or token.text == "(":
            return "*"
        return token.text if token.text in _BINDING else None

    def _operand(self) -> Node:
        token = self._take()
        if token.kind == "number":
            return self._number(token)
        if token.kind == "name":
            return self._name(token)
        if token.text in ("-", "+"):
            inner = self._expression(_SIGN_BINDING)
            return inner if token.text == "+" else self._checked(Negative(inner), token.position)
        if token.text == "(":
            inner = self._expression(0)
            self._close(token)
            return inner
        if token.kind == "end":
            raise FormulaError(
                "The formula ends where a number, x or y must follow.", self._ended()
            )
        raise FormulaError(
            f"“{token.text}” stands where a number, x, y or a function must be.", token.position
        )

    def _ended(self) -> int:
        return self._tokens[-1].position

    def _number(self, token: _Token) -> Node:
        value = float(token.text)
        if not math.isfinite(value):
            raise FormulaError(
                f"“{_short(token.text)}” is too large; numbers go up to 1.8e308.", token.position
            )
        return Number(value)

    def _name(self, token: _Token) -> Node:
        name = token.text
        if name in FUNCTIONS:
            return self._call(token)
        if name in VARIABLES:
            return Variable(name)
        if name in CONSTANTS:
            return Constant(name)
        known = [*VARIABLES, *CONSTANTS, *FUNCTIONS]
        close = difflib.get_close_matches(name.lower(), known, n=1)
        hint = f" (did you mean “{close[0]}”?)" if close else ""
        raise FormulaError(
            f"There is no “{_short(name)}” in a formula{hint}; there are: {', '.join(known)}.",
            token.position,
        )

    def _call(self, token: _Token) -> Node:
        least, most = FUNCTIONS[token.text].arguments
        opening = self._take()
        if opening.text != "(":
            raise FormulaError(
                f"“{token.text}” needs brackets: {token.text}(…).",
                opening.position if opening.kind != "end" else token.position,
            )
        arguments = [self._expression(0)]
        while self._peek().text == ",":
            self._take()
            arguments.append(self._expression(0))
        self._close(opening)
        if not least <= len(arguments) <= most:
            wanted = "1 value" if most == 1 else f"{least} to {most} values"
            raise FormulaError(
                f"“{token.text}” takes {wanted} (got {len(arguments)}).", token.position
            )
        return self._checked(Call(token.text, tuple(arguments)), token.position)

    def _close(self, opening: _Token) -> None:
        token = self._take()
        if token.text == ")":
            return
        if token.kind == "end":
            raise FormulaError("This “(” is never closed.", opening.position)
        raise FormulaError(f"A “)” is missing before “{token.text}”.", token.position)

    def _checked(self, node: Node, position: int) -> Node:
        """Return the node; refuse it where it is too high or not a finite number."""
        if height(node) > MAX_HEIGHT:
            raise FormulaError(
                f"The formula is too long a chain: more than {MAX_HEIGHT} operations that wait "
                "for each other.",
                position,
            )
        if isinstance(node, Binary) and node.operator == "**":
            exponent = compiled(node.right)
            if exponent.constant and not abs(exponent.value) <= MAX_EXPONENT:
                raise FormulaError(
                    f"The exponent is {exponent.value:.4g}; at most ±{MAX_EXPONENT:g} is allowed.",
                    position,
                )
        result = compiled(node)
        if result.constant and not math.isfinite(result.value):
            raise FormulaError(
                f"“{_short(written(node))}” is not a finite number (it gives {result.value}).",
                position,
            )
        return node


def _short(text: str, limit: int = 30) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"
