"""The arrays of a model have the density of its ``pm.Model``, and the same gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest
from numpy.typing import NDArray
from pytensor.compile.mode import Mode
from pytensor.graph.replace import graph_replace

from bayes_cevns.cards import experiment, experiment_names
from bayes_cevns.couplings.box import box_prior
from bayes_cevns.couplings.box_part import BoxPart
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.density.describe import joint, joint_of_box, joint_of_part
from bayes_cevns.density.parts import Joint
from bayes_cevns.density.starts import near_middle
from bayes_cevns.density.writer import arrays_of
from bayes_cevns.model import model_of
from bayes_cevns.physics.interactions import interactions
from bayes_cevns.physics.oscillation import Propagation
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import asimov

type Array = NDArray[np.float64]

#: Python evaluates the graph node by node: nothing is compiled, nor rewritten.
_BY_PYTHON = Mode(linker="py", optimizer=None)

_POINTS = 5

#: PyMC's norm of a truncated normal density is off by up to this (PyMC 6.4): a constant.
NORMS = 1e-7


def graph(model: pm.Model, mode: str) -> tuple[Callable[[Array], tuple[float, Array]], int]:
    """Return log-density and gradient of a model as a function of one vector, and its size."""
    values = [model.rvs_to_values[rv] for rv in model.free_RVs]
    start_of = model.initial_point()
    sizes = [start_of[value.name].size for value in values]
    vector, parts, start = pt.vector("u", dtype="float64"), {}, 0
    for value, size in zip(values, sizes, strict=True):
        own = vector[start : start + size]
        parts[value] = own if value.type.ndim else own[0]
        start += size
    # Not their sum: Python adds no more than 31 terms at a time.
    terms = graph_replace(model.logp(sum=False), parts, strict=False)
    outputs = [*(t.sum() for t in terms), pt.grad(sum(t.sum() for t in terms), vector)]
    function = pytensor.function([vector], outputs, mode=mode, trust_input=True)

    def evaluated(point: Array) -> tuple[float, Array]:
        *densities, slope = function(point)
        return float(sum(densities)), slope

    return evaluated, start


def assert_equal_to_the_graph(
    parts: Joint, *, seed: int = 1, mode: str | Mode = _BY_PYTHON
) -> None:
    function, size = graph(model_of(parts), mode)
    model = CompiledModel(arrays_of(parts))
    assert model.size == size
    points = np.array([near_middle(parts, seed + i) for i in range(_POINTS)])
    values, gradients = model.log_density(points)
    assert np.isfinite(values).any()
    offsets = []
    for point, value, gradient in zip(points, values, gradients, strict=True):
        try:
            expected, slope = function(point)
        except pm.logprob.utils.ParameterValueError:
            assert value == -np.inf
            continue
        if not np.isfinite(expected):
            assert value == -np.inf
            continue
        offsets.append(value - expected)
        np.testing.assert_allclose(gradient, slope, rtol=1e-9, atol=1e-9 * np.abs(slope).max())
    assert offsets
    assert np.abs(offsets).max() < NORMS * size
    assert np.ptp(offsets) < 1e-10 * max(1.0, np.abs(values[np.isfinite(values)]).max())


def spec_of(names: Sequence[str], **asked: Any) -> ModelSpec:
    several = [e if e.data != "none" else asimov(e) for e in map(experiment, names)]
    return ModelSpec.of(several, allow_overlap=True, allow_conflict=True, **asked)


def assert_spec(spec: ModelSpec, mass_mev: float | None) -> None:
    assert_equal_to_the_graph(joint(spec, spec.tables(), mass_mev))


@pytest.mark.parametrize("name", experiment_names())
def test_every_card(name: str) -> None:
    spec = spec_of([name], interaction="vector-universal")
    assert_spec(spec, 10.0)
    assert_spec(spec.merging_bins(), 10.0)


@pytest.mark.filterwarnings("ignore::bayes_cevns.errors.PropagationWarning")
@pytest.mark.parametrize("name", sorted(interactions()))
def test_every_interaction(name: str) -> None:
    new = interactions()[name]
    where = "xenonnt_cevns" if "nucleus" in new.scatters_on else "xenonnt_er"
    if "oscillation" in name:  # needs a distance
        where = "coherent_lar"
    assert_spec(spec_of([where], interaction=name).merging_bins(), 1.0 if new.has_mass else None)


@pytest.mark.parametrize("prior", ["flat", "flat-rate", "log"])
@pytest.mark.parametrize("name", ["scalar-universal", "b-l", "vector-universal"])
def test_every_prior(name: str, prior: str) -> None:
    assert_spec(spec_of(["xenonnt_cevns"], interaction=name, prior=prior).merging_bins(), 10.0)


@pytest.mark.parametrize(
    "names",
    [
        ("xenonnt_cevns", "pandax4t_paired", "coherent_csi"),
        ("coherent_csi", "coherent_lar", "coherent_ge"),
        ("xenonnt_er", "lz_er", "pandax4t_er"),
    ],
)
def test_joint_fits(names: tuple[str, ...]) -> None:
    assert_spec(spec_of(names, interaction="b-l").merging_bins(), 10.0)


NSI = [
    f"eps_{flavours}_{quark}"
    for quark in "ud"
    for flavours in ("ee", "mumu", "tautau", "emu", "etau", "mutau")
]


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        (("coherent_csi",), {}),
        (("xenonnt_cevns",), {}),
        (("xenonnt_cevns",), {"matter": False}),
        (("xenonnt_cevns", "coherent_lar"), {"mixing": "free", "octant": "both"}),
        (("xenonnt_cevns",), {"propagation": Propagation(flavours="two", earth="none")}),
    ],
)
def test_all_couplings_of_quarks(names: tuple[str, ...], asked: dict[str, Any]) -> None:
    couplings = CouplingModel.of(NSI, **asked)
    spec = spec_of(names, couplings=couplings, mixing=asked.get("mixing", "fixed")).merging_bins()
    tables = of_couplings(spec.tables())
    box = box_prior(couplings, tables, spec.bounds)
    assert_equal_to_the_graph(joint_of_box(spec, tables, box))
    chosen = range(len(NSI))
    normal = np.linspace(0.5, 1.0, len(NSI))
    middle = BoxPart.of(box.box).slab.cut(normal, [-0.5, 0.7])[1]
    part = BoxPart.of(middle).cut(np.ones(len(NSI)), [0.3], [0.2])[0]
    assert_equal_to_the_graph(joint_of_part(spec, tables, part, chosen))
