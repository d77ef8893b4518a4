"""`RateOp`: three implementations, gradients, domains, shapes, batches."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.gradient import NullTypeGradError, verify_grad
from pytensor.graph.replace import vectorize_graph
from scipy.interpolate import CubicSpline

from bayes_cevns.errors import TableError
from bayes_cevns.tables import rate_op
from bayes_cevns.tables.rate_op import RateAdjointOp, RateOp, basis
from bayes_cevns.tables.shape_axes import ShapeAxis, spline_coefficients

AXES = (
    ShapeAxis("a", (-3.0, -2.0, -0.5, 0.0, 1.0, 3.0)),
    ShapeAxis("b", (0.0, 1.0, 2.5, 4.0)),
    ShapeAxis("c", (0.0, 0.1, 0.4, 1.0, 5.0)),
)
COMPONENTS, BINS = 3, 5
MODES = ["FAST_COMPILE", "NUMBA"]
COUPLINGS = np.array([1.0, -0.4, 2.5])


def table(count: int):
    """Values at the nodes of the first `count` axes, and their spline coefficients."""
    shape = [len(axis.nodes) for axis in AXES[:count]]
    values = np.random.default_rng(count).normal(size=(*shape, COMPONENTS, BINS))
    return values, spline_coefficients(AXES[:count], values)


def twin(values, couplings, point):
    """Interpolate the values themselves, one axis after the other, with another spline."""
    for axis, x in zip(AXES, point, strict=False):
        values = CubicSpline(axis.nodes, values, axis=0)(x)
    return couplings @ values


def points(count: int):
    """Inside, on nodes, on knots, at both ends."""
    rng = np.random.default_rng(7)
    low = np.array([a.nodes[0] for a in AXES[:count]])
    high = np.array([a.nodes[-1] for a in AXES[:count]])
    inside = [low + (high - low) * rng.uniform(size=count) for _ in range(40)]
    nodes = [np.array([a.nodes[i] for a in AXES[:count]]) for i in (1, 2)]
    mixed = np.where(np.arange(count) % 2 == 0, low, high)
    return [*inside, *nodes, low, high, mixed] if count else [np.zeros(0)]


@cache
def compiled(count: int, mode: str):
    op = RateOp(AXES[:count])
    inputs = [
        pt.tensor("table", shape=(None,) * (count + 2)),
        pt.vector("couplings"),
        pt.vector("shape"),
    ]
    return pytensor.function(inputs, op(*inputs), mode=mode)


@cache
def compiled_gradient(count: int, mode: str):
    op = RateOp(AXES[:count])
    inputs = [
        pt.tensor("table", shape=(None,) * (count + 2)),
        pt.vector("couplings"),
        pt.vector("shape"),
    ]
    weights = pt.as_tensor(np.linspace(-1.0, 2.0, BINS))
    wrt = inputs[1:] if count else inputs[1:2]
    return pytensor.function(inputs, pt.grad((weights * op(*inputs)).sum(), wrt), mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_counts_against_scipy(count, mode):
    values, coefficients = table(count)
    for point in points(count):
        found = compiled(count, mode)(coefficients, COUPLINGS, point)
        np.testing.assert_allclose(found, twin(values, COUPLINGS, point), rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_numba_against_numpy(count):
    _, coefficients = table(count)
    for point in points(count):
        slow, fast = (compiled(count, mode)(coefficients, COUPLINGS, point) for mode in MODES)
        np.testing.assert_allclose(fast, slow, rtol=1e-12, atol=1e-13)
        slow, fast = (compiled_gradient(count, m)(coefficients, COUPLINGS, point) for m in MODES)
        for one, other in zip(fast, slow, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("mode", MODES)
def test_any_memory_layout(mode):
    count = 2
    values, coefficients = table(count)
    point = points(count)[0]
    expected = twin(values, COUPLINGS, point)
    strided = np.repeat(coefficients, 2, axis=-1)[..., ::2]
    for layout in (np.asfortranarray(coefficients), strided):
        assert not layout.flags.c_contiguous
        found = compiled(count, mode)(layout, COUPLINGS, point)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize(
    ("count", "mode"), [(1, MODES[0]), (2, MODES[0]), (3, MODES[0]), (3, "NUMBA")]
)
def test_gradient_by_finite_differences(count, mode):
    _, coefficients = table(count)
    op = RateOp(AXES[:count])
    point = points(count)[0]
    verify_grad(
        lambda couplings, shape: op(coefficients, couplings, shape),
        [COUPLINGS, point],
        rng=np.random.default_rng(0),
        mode=mode,
    )


def test_gradient_without_axes():
    _, coefficients = table(0)
    verify_grad(
        lambda couplings: RateOp()(coefficients, couplings, pt.zeros(0)),
        [COUPLINGS],
        rng=np.random.default_rng(0),
        mode="FAST_COMPILE",
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_gradient_against_scipy(count, mode):
    """To rounding, on nodes and at the ends as well, where finite differences cannot go."""
    values, coefficients = table(count)
    weights = np.linspace(-1.0, 2.0, BINS)
    for point in points(count):
        to_couplings, to_shape = compiled_gradient(count, mode)(coefficients, COUPLINGS, point)
        rows = values
        for axis, x in zip(AXES, point, strict=False):
            rows = CubicSpline(axis.nodes, rows, axis=0)(x)
        np.testing.assert_allclose(to_couplings, rows @ weights, rtol=1e-9, atol=1e-10)
        for i in range(count):
            sloped = values
            for j, (axis, x) in enumerate(zip(AXES, point, strict=False)):
                sloped = CubicSpline(axis.nodes, sloped, axis=0)(x, 1 if i == j else 0)
            expected = COUPLINGS @ sloped @ weights
            assert to_shape[i] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_basis_is_a_partition_of_one():
    for axis in AXES:
        for x in np.linspace(axis.nodes[0], axis.nodes[-1], 17):
            values = basis(axis.knots, x)
            assert values.sum() == pytest.approx(1.0, rel=1e-13)
            assert np.all(values >= 0)
            assert np.count_nonzero(values) <= 4
            assert basis(axis.knots, x, 1).sum() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_outside_its_axes_everything_is_nan(count, mode):
    _, coefficients = table(count)
    inside = points(count)[0]
    for axis in range(count):
        nodes = AXES[axis].nodes
        below, above = np.nextafter(nodes[0], -np.inf), np.nextafter(nodes[-1], np.inf)
        for bad in (below, above, -1e300, np.inf, -np.inf, np.nan):
            point = inside.copy()
            point[axis] = bad
            assert np.all(np.isnan(compiled(count, mode)(coefficients, COUPLINGS, point)))
            for part in compiled_gradient(count, mode)(coefficients, COUPLINGS, point):
                assert np.all(np.isnan(part))


@pytest.mark.parametrize("mode", MODES)
def test_a_coupling_that_is_nan_is_not_hidden(mode):
    _, coefficients = table(2)
    for bad in (np.nan, np.inf):
        found = compiled(2, mode)(coefficients, np.array([1.0, bad, 0.0]), points(2)[0])
        assert not np.any(np.isfinite(found))


@pytest.mark.parametrize("mode", MODES)
def test_tables_without_bins_or_components(mode):
    _, coefficients = table(2)
    point = points(2)[0]
    assert compiled(2, mode)(coefficients[..., :0], COUPLINGS, point).shape == (0,)
    nothing = compiled(2, mode)(coefficients[..., :0, :], np.zeros(0), point)
    np.testing.assert_array_equal(nothing, np.zeros(BINS))


WRONG = {
    "couplings": lambda t, c, s: (t, c[:2], s),
    "shape": lambda t, c, s: (t, c, s[:1]),
    "first axis": lambda t, c, s: (t[:5], c, s),
    "second axis": lambda t, c, s: (t[:, :3], c, s),
    "components": lambda t, c, s: (t[..., :2, :], c, s),
    "transposed": lambda t, c, s: (t.swapaxes(0, 1), c, s),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("mode", MODES)
def test_inputs_that_do_not_fit(wrong, mode):
    _, coefficients = table(2)
    with pytest.raises(TableError, match=r"fit|expected"):
        compiled(2, mode)(*WRONG[wrong](coefficients, COUPLINGS, points(2)[0]))


def test_a_cotangent_that_does_not_fit():
    _, coefficients = table(2)
    symbols = [pt.tensor4(), pt.vector(), pt.vector(), pt.vector()]
    adjoint = RateAdjointOp(RateOp(AXES[:2]).knots)
    function = pytensor.function(symbols, adjoint(*symbols), mode="NUMBA")
    with pytest.raises((TableError, ValueError), match="fit"):
        function(coefficients, COUPLINGS, points(2)[0], np.ones(BINS - 1))


@pytest.mark.parametrize(
    ("coefficients", "couplings", "shape"),
    [
        (np.ones((6, 4, 3)), COUPLINGS, [0.0, 1.0]),
        (np.ones((6, 4, 3, 5, 1)), COUPLINGS, [0.0, 1.0]),
        (np.ones((6, 4, 3, 5)), 1.0, [0.0, 1.0]),
        (np.ones((6, 4, 3, 5)), [COUPLINGS], [0.0, 1.0]),
        (np.ones((6, 4, 3, 5)), COUPLINGS, 0.0),
    ],
)
def test_the_number_of_dimensions_is_checked_when_the_graph_is_built(
    coefficients, couplings, shape
):
    with pytest.raises(TableError, match=r"RateOp with 2 shape axes expects .* \(4, 1, 1\)"):
        RateOp(AXES[:2])(coefficients, couplings, shape)


def test_integers_and_lists_are_taken_as_floats():
    values, coefficients = table(1)
    found = RateOp(AXES[:1])(coefficients.tolist(), [1, 2, 3], [1]).eval(mode="FAST_COMPILE")
    np.testing.assert_allclose(found, twin(values, np.array([1.0, 2.0, 3.0]), [1.0]), atol=1e-12)
    narrow = RateOp(AXES[:1])(coefficients, pt.constant(np.float32([1, 2, 3])), [1.0])
    assert narrow.dtype == "float64"


def test_equality_is_by_the_knots():
    assert RateOp(AXES[:2]) == RateOp(list(AXES[:2]))
    assert hash(RateOp(AXES[:2])) == hash(RateOp(AXES[:2]))
    assert RateOp(AXES[:2]) != RateOp(AXES[1::-1])
    assert RateOp() != RateOp(AXES[:1])


def test_the_table_has_no_gradient():
    coefficients = pt.tensor4()
    counts = RateOp(AXES[:2])(coefficients, COUPLINGS, points(2)[0])
    with pytest.raises(NullTypeGradError, match="a rate table is data"):
        pt.grad(counts.sum(), coefficients)


def test_static_and_symbolic_shapes():
    _, coefficients = table(2)
    known = RateOp(AXES[:2])(coefficients, COUPLINGS, points(2)[0])
    assert known.type.shape == (BINS,)
    symbols = [pt.tensor4(), pt.vector(), pt.vector()]
    counts = RateOp(AXES[:2])(*symbols)
    assert counts.type.shape == (None,)
    # The shape needs no evaluation: inputs that do not fit give it as well.
    shape = pytensor.function(symbols, counts.shape, mode="FAST_RUN", on_unused_input="ignore")
    np.testing.assert_array_equal(shape(coefficients, np.zeros(1), np.zeros(9)), [BINS])


@pytest.mark.parametrize("mode", MODES)
def test_batches(mode):
    """`vectorize_graph` over couplings and nuisances, and the gradient of it."""
    _, coefficients = table(2)
    symbols = [pt.tensor4(), pt.vector(), pt.vector()]
    counts = RateOp(AXES[:2])(*symbols)
    rng = np.random.default_rng(5)
    couplings = rng.normal(size=(4, COMPONENTS))
    shapes = np.array(points(2)[:4])
    many = [pt.tensor4(), pt.matrix(), pt.matrix()]

    batch = vectorize_graph(counts, dict(zip(symbols[1:], many[1:], strict=True)))
    gradient = pt.grad((batch**2).sum(), many[1:])
    found, *slopes = pytensor.function([symbols[0], *many[1:]], [batch, *gradient], mode=mode)(
        coefficients, couplings, shapes
    )
    one = compiled(2, "FAST_COMPILE")
    expected = [one(coefficients, c, s) for c, s in zip(couplings, shapes, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)

    single = pytensor.function(
        symbols, pt.grad((counts**2).sum(), symbols[1:]), mode="FAST_COMPILE"
    )
    rows = [single(coefficients, c, s) for c, s in zip(couplings, shapes, strict=True)]
    for part, expected in zip(slopes, zip(*rows, strict=True), strict=True):
        np.testing.assert_allclose(part, expected, rtol=1e-11, atol=1e-12)


def test_batches_of_tables():
    _, coefficients = table(2)
    symbols = [pt.tensor4(), pt.vector(), pt.vector()]
    tables = pt.tensor5()
    batch = vectorize_graph(RateOp(AXES[:2])(*symbols), {symbols[0]: tables})
    point = points(2)[0]
    found = pytensor.function([tables, *symbols[1:]], batch, mode="FAST_COMPILE")(
        np.stack([coefficients, -2 * coefficients]), COUPLINGS, point
    )
    one = compiled(2, "FAST_COMPILE")(coefficients, COUPLINGS, point)
    np.testing.assert_allclose(found, [one, -2 * one], rtol=1e-12, atol=1e-13)


def test_the_salt_of_the_compile_cache_covers_this_module_too(tmp_path: Path) -> None:
    """An edit of what calls the kernels is compiled anew, as an edit of the kernels is."""

    def salt(text: str, name: str) -> int:
        path = tmp_path / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return int(module._code_version())

    text = Path(rate_op.__file__).read_text(encoding="utf-8")
    assert salt(text, "same_rate_op") == rate_op._code_version()
    edited = text.replace("return counts", "return 2.0 * counts")
    assert edited != text
    assert salt(edited, "edited_rate_op") != rate_op._code_version()
