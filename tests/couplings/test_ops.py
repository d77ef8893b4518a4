"""The ops of couplings: NumPy beside Numba, and adjoints by finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode
from pytensor.graph.op import Op

from bayes_cevns.couplings.channels import monomial_factors
from bayes_cevns.couplings.ops import QuadraticOp, TraceOp

PYTHON = Mode(linker="py", optimizer=None)
STEP = 1e-6


def quadratic(count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows = len(monomial_factors(count))
    return rng.normal(size=(rows, 5)), rng.normal(size=count)


def trace(seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(4, 9)), rng.normal(size=(3, 9)), rng.normal(size=(4, 3, 6))


def slow_quadratic(coefficients: np.ndarray, couplings: np.ndarray) -> np.ndarray:
    """Sum over pairs of factors, one by one."""
    factors = [1.0, *couplings]
    found = np.zeros(coefficients.shape[1])
    for row, (a, b) in enumerate(monomial_factors(couplings.size)):
        found += factors[a] * factors[b] * coefficients[row]
    return found


def slow_trace(states: np.ndarray, products: np.ndarray, mixing: np.ndarray) -> np.ndarray:
    found = np.zeros(mixing.shape[2])
    for n, p, c in np.ndindex(*mixing.shape):
        found[c] += (states[n] @ products[p]) * mixing[n, p, c]
    return found


@cache
def compiled(kind: type[Op], mode: str) -> Callable[..., Sequence[np.ndarray]]:
    """Return a function of the inputs and a cotangent: values, and cotangents of the inputs."""
    if kind is QuadraticOp:
        inputs = [pt.dmatrix(), pt.dvector()]
        wanted = inputs[1:]
    else:
        inputs = [pt.dmatrix(), pt.dmatrix(), pt.dtensor3()]
        wanted = inputs[:2]
    cotangent = pt.dvector()
    value = kind()(*inputs)
    outputs = [value, *pytensor.grad((value * cotangent).sum(), wanted)]
    chosen = PYTHON if mode == "python" else mode
    return pytensor.function([*inputs, cotangent], outputs, mode=chosen)


CASES = {
    "one": (QuadraticOp, quadratic(1), slow_quadratic, (1,)),
    "three": (QuadraticOp, quadratic(3), slow_quadratic, (1,)),
    "twelve": (QuadraticOp, quadratic(12), slow_quadratic, (1,)),
    "none": (QuadraticOp, quadratic(0), slow_quadratic, (1,)),
    "trace": (TraceOp, trace(), slow_trace, (0, 1)),
}


@pytest.mark.parametrize("mode", ["python", "NUMBA"])
@pytest.mark.parametrize("case", CASES)
def test_values_and_adjoints(case: str, mode: str) -> None:
    """Values are the slow sum; adjoints are its derivatives, also of what is not square."""
    kind, inputs, slow, differentiated = CASES[case]
    function = compiled(kind, mode)
    cotangent = np.random.default_rng(3).normal(size=slow(*inputs).size)
    value, *adjoints = function(*inputs, cotangent)
    np.testing.assert_allclose(value, slow(*inputs), rtol=1e-12)
    for place, adjoint in zip(differentiated, adjoints, strict=True):
        assert adjoint.shape == inputs[place].shape
        for at in np.ndindex(*inputs[place].shape):
            ends = []
            for sign in (1, -1):
                moved = [each.copy() for each in inputs]
                moved[place][at] += sign * STEP
                ends.append(slow(*moved) @ cotangent)
            slope = (ends[0] - ends[1]) / (2 * STEP)
            assert adjoint[at] == pytest.approx(slope, rel=1e-6, abs=1e-7)


def test_shapes_are_known_before_evaluation() -> None:
    value = QuadraticOp()(pt.matrix(shape=(6, 5)), pt.vector(shape=(2,)))
    assert value.type.shape == (5,)
    assert TraceOp()(*(pt.as_tensor(each) for each in trace())).type.shape == (6,)
    inputs = quadratic(2)
    symbols = pt.dmatrix(), pt.dvector()
    function = pytensor.function(symbols, QuadraticOp()(*symbols).shape[0], mode=PYTHON)
    assert function(*inputs) == 5


def test_tables_are_not_differentiated() -> None:
    coefficients, couplings = pt.dmatrix(), pt.dvector()
    value = QuadraticOp()(coefficients, couplings).sum()
    with pytest.raises(pytensor.gradient.NullTypeGradError):
        pytensor.grad(value, coefficients)
