from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from playground.core import formula_tree as tree
from playground.core.formulas import MAX_EXPONENT, MAX_LENGTH, FormulaError, parse

X = np.array([-1.7, -0.3, 0.2, 1.1, 2.6])
Y = np.array([0.4, -2.2, 1.9, -0.6, 3.1])

ORACLE = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "asin": math.asin, "acos": math.acos,
    "atan": math.atan, "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh, "exp": math.exp,
    "log": math.log, "sqrt": math.sqrt, "abs": abs, "min": min, "max": max,
    "sign": lambda v: math.copysign(1.0, v), "sigmoid": lambda v: 1 / (1 + math.exp(-v)),
    "pi": math.pi, "e": math.e,
}  # fmt: skip


def value_of(text, x, y):
    return float(parse(text)(np.array([x]), np.array([y]), np)[0])


@pytest.mark.parametrize(
    "text",
    [
        "sin(x)*cos(y) + 0.1*(x**2+y**2)",
        "-x**2 + y",
        "x - y - 1 - (2 - x)",
        "x/y/2*3",
        "2**3**0.5*x",
        "(-x)**2 - -y",
        "x**-2 + y**-1",
        "atan(x) + tanh(y) - sigmoid(x*y)",
        "max(x, y, 0.5) - min(x, -1)",
        "abs(x)*sign(y) + sqrt(x*x + 1) + log(2 + cos(x))",
        "asin(0.3*sin(x)) + acos(0.2) + sinh(x) - cosh(y)",
        "e**x + pi*y + .5 + 1e-3 + 2.",
    ],
)
def test_a_formula_means_what_python_means_by_it(text):
    # Python's own evaluation of texts written in this file is the oracle.
    for x, y in zip(X, Y, strict=True):
        expected = eval(text, {"__builtins__": {}}, {**ORACLE, "x": x, "y": y})
        assert value_of(text, x, y) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2x", "2*x"),
        ("3 sin(x) y", "3*sin(x)*y"),
        ("(x+1)(y-1)", "(x + 1)*(y - 1)"),
        ("x^2 + y²  − 3×π", "x**2 + y**2 - 3*pi"),
        ("((x))", "x"),
        ("+x", "x"),
        ("x**2y", "x**2*y"),
        ("2x**2", "2*x**2"),
        ("-(x + y)", "-(x + y)"),
        ("(-x)**2", "(-x)**2"),
        ("(x**y)**2", "(x**y)**2"),
        ("x - (y - 1)", "x - (y - 1)"),
        ("\tmax( x ,y )\n", "max(x, y)"),
    ],
)
def test_the_canonical_text_has_every_sign_and_no_idle_bracket(text, canonical):
    formula = parse(text)
    assert formula.text == canonical
    assert parse(canonical).text == canonical


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 0, "empty"),
        ("   ", 0, "empty"),
        ("x + foo", 4, "foo"),
        ("x + sni(y)", 4, "did you mean “sin”"),
        ("x $ y", 2, "“$”"),
        ("x + ", 2, "ends"),
        ("(x + y", 0, "never closed"),
        ("sin(x", 3, "never closed"),
        ("x + y)", 5, "does not belong"),
        ("x 3", 2, "operator is missing"),
        ("x * / y", 4, "“/”"),
        ("sin x", 4, "brackets"),
        ("x + sin", 4, "brackets"),
        ("sin(x, y)", 0, "1 value"),
        ("max(x)", 0, "2 to 8"),
        ("min()", 4, "“)”"),
        ("x ** 1000", 2, "exponent"),
        ("9**9**9", 1, "exponent"),
        ("x + 1/0", 5, "not a finite number"),
        ("log(0)", 0, "not a finite number"),
        ("sqrt(-1)*x", 0, "not a finite number"),
        ("x*1e999", 2, "too large"),
        ("1e300*1e300*x", 5, "not a finite number"),
        ("x, y", 1, "does not belong"),
        ("x.real", 1, "“.”"),
    ],
)
def test_an_error_says_what_is_wrong_and_points_at_the_character(text, position, words):
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert words in str(caught.value)
    assert caught.value.position == position
    assert str(caught.value).endswith(".")


HOSTILE = [
    "__import__('os').system('true')",
    "().__class__.__bases__[0].__subclasses__()",
    "x.__class__",
    "x if x else y",
    "lambda: 0",
    "[x for x in y]",
    "{x}",
    'f"{x}"',
    "x; y",
    "x = 3",
    "x := 3",
    "x == y",
    "exec('1')",
    "eval(x)",
    "open('/etc/passwd')",
    "globals()",
    "torch.load(x)",
    "x and y",
    "~x",
    "x @ y",
    "x // y",
    "x % y",
    "0x10",
    "1_000",
    "1j",
    "x\0y",
    "\u202ex",
    "ｘ",
    "x‍",
    "٣",
    "𝑥 + 1",
    "(" * 1000,
    "(" * 1000 + "x" + ")" * 1000,
    "-" * 1999 + "x",
    "x**" * 600 + "x",
    "sin(" * 300 + "x" + ")" * 300,
    "x" + "+x" * 900,
    "2^" * 900 + "2",
    "x" * 10_000,
    "1+" * 5_000 + "1",
    "9" * 1999,
    ",",
    "\n",
    "#",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:20])
def test_hostile_texts_are_refused_with_a_sentence(text):
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert 0 <= caught.value.position <= MAX_LENGTH
    assert len(str(caught.value)) < 300


def test_ten_thousand_characters_are_refused():
    with pytest.raises(FormulaError, match=r"at most 2,000 characters \(got 10,000\)"):
        parse("x" * 10_000)


@given(st.text(max_size=60))
def test_any_text_gives_a_formula_or_a_formula_error(text):
    try:
        formula = parse(text)
    except FormulaError as error:
        caught = error
    else:
        assert parse(formula.text).text == formula.text
        return
    assert 0 <= caught.position <= len(text)


@given(st.text(alphabet="xye()+-*/^., 0123sinmaxpow", max_size=40))
def test_formula_like_texts_never_raise_anything_else(text):
    try:
        formula = parse(text)
    except FormulaError:
        return
    with np.errstate(all="ignore"):
        assert formula(X, Y, np).shape == X.shape


LEAVES = st.one_of(
    st.builds(tree.Number, st.floats(0.0, 50.0).map(lambda value: round(value, 3))),
    st.builds(tree.Number, st.integers(0, 20).map(float)),
    st.sampled_from([tree.Variable("x"), tree.Variable("y")]),
    st.sampled_from([tree.Constant("pi"), tree.Constant("e")]),
)
ONE_VALUE = [name for name, one in tree.FUNCTIONS.items() if one.arguments == (1, 1)]


def grown(inner):
    return st.one_of(
        st.builds(tree.Negative, inner),
        st.builds(tree.Binary, st.sampled_from("+-*/"), inner, inner),
        st.builds(
            tree.Binary, st.just("**"), inner, st.builds(tree.Number, st.sampled_from([2.0, 3.0]))
        ),
        st.builds(tree.Call, st.sampled_from(ONE_VALUE), st.tuples(inner)),
        st.builds(tree.Call, st.sampled_from(["min", "max"]), st.tuples(inner, inner, inner)),
    )


def finite_constants(node):
    compiled = tree.compiled(node)
    if compiled.constant and not math.isfinite(compiled.value):
        return False
    match node:
        case tree.Negative(inner):
            return finite_constants(inner)
        case tree.Binary(_, left, right):
            return finite_constants(left) and finite_constants(right)
        case tree.Call(_, arguments):
            return all(map(finite_constants, arguments))
    return True


@given(st.recursive(LEAVES, grown, max_leaves=12))
def test_trees_survive_being_written_and_read(node):
    # Constant parts that overflow are the only reason to refuse what a tree writes.
    assume(finite_constants(node))
    text = tree.written(node)
    formula = parse(text)
    with np.errstate(all="ignore"):
        expected = np.broadcast_to(tree.compiled(node).evaluate(X, Y, np), X.shape)
        np.testing.assert_array_equal(formula(X, Y, np), expected)
    assert formula.text == text


@given(st.recursive(LEAVES, grown, max_leaves=8))
def test_the_written_source_does_what_the_formula_does_in_torch(node):
    assume(finite_constants(node))
    formula = parse(tree.written(node))
    x, y = torch.tensor(X), torch.tensor(Y)
    written = eval(formula.torch_source, {"torch": torch, "math": math, "x": x, "y": y})
    by_torch = formula(x, y, torch)
    assert written.shape == x.shape
    same = torch.isclose(written, by_torch, rtol=1e-6, atol=1e-9, equal_nan=True)
    # Where a last digit is magnified without bound (a pole, a large angle) nothing can be told.
    assert (same | (by_torch.abs() > 1e6) | _ill_conditioned(formula)).all()


def _ill_conditioned(formula):
    nudged = formula(torch.tensor(X * (1 + 1e-13)), torch.tensor(Y * (1 - 1e-13)), torch)
    exact = formula(torch.tensor(X), torch.tensor(Y), torch)
    return ~torch.isclose(nudged, exact, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("name", tree.FUNCTIONS)
def test_every_function_is_the_same_in_numpy_and_torch(name):
    formula = parse(
        f"{name}({', '.join(['x/4', 'y', '0.3'][: tree.FUNCTIONS[name].arguments[1]])})"
    )
    with np.errstate(all="ignore"):
        by_numpy = formula(X, Y, np)
    by_torch = formula(torch.tensor(X), torch.tensor(Y), torch).numpy()
    np.testing.assert_allclose(by_numpy, by_torch, rtol=1e-13)


def test_gradients_come_from_autograd():
    x = torch.tensor([0.7], dtype=torch.float64, requires_grad=True)
    y = torch.tensor([-0.4], dtype=torch.float64, requires_grad=True)
    parse("sin(x)*cos(y) + x**3")(x, y, torch).sum().backward()
    assert float(x.grad) == pytest.approx(math.cos(0.7) * math.cos(-0.4) + 3 * 0.49)
    assert float(y.grad) == pytest.approx(-math.sin(0.7) * math.sin(-0.4))


def test_a_constant_formula_is_known_as_one():
    formula = parse("2*3 + sin(1)")
    assert formula.constant
    np.testing.assert_allclose(formula(X, Y, np), 6 + math.sin(1))
    assert formula(torch.tensor(X), torch.tensor(Y), torch).shape == (5,)
    assert not parse("x*0").constant


def test_what_has_no_value_gives_nan_or_infinity_and_no_exception():
    with np.errstate(all="ignore"):
        assert np.isnan(parse("log(x)")(X, Y, np)[:2]).all()
        assert np.isinf(parse("1/(x - x)")(X, Y, np)).all()
        assert np.isinf(parse("exp(exp(exp(10 + x*x)))")(X, Y, np)).all()


def test_limits_are_inclusive():
    assert parse(f"x**{MAX_EXPONENT:g}").text == "x**100"
    assert parse("x" + " " * (MAX_LENGTH - 1)).text == "x"
