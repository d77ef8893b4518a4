"""Hard posteriors of several couplings: planes, bands, islands, rings, shells, four dimensions."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from hard_comparison import Pieces, Task, as_fit, in_chains
from hard_settings import LEVEL, NESTED, SETTINGS, experiments_of, seed_of
from numpy.typing import NDArray

import bayes_cevns as bc
from bayes_cevns.cards.projections import scaled
from bayes_cevns.couplings.box_part import BoxPart
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.slab import Slab
from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.density.data import branch_data
from bayes_cevns.inference.engine import Engine
from bayes_cevns.specification.simulation import asimov
from bayes_cevns.summary.bands import highest_density
from bayes_cevns.summary.draws import WeightedDraws
from bayes_cevns.summary.fit import Fit

type Array = NDArray[np.float64]

XENONNT, CSI, LAR, GE = "xenonnt_cevns", "coherent_csi", "coherent_lar", "coherent_ge"

NO_RIDGE = "several couplings have no single ridge"


@dataclass(frozen=True)
class Couplings:
    """A posterior of couplings by name.

    Attributes
    ----------
    experiment
        Names of the experiments, joined with ``+``.
    couplings
        Names of the couplings, separated by blanks.
    hard
        What is hard about it.
    mass_mev
        Mass of the mediator.
    exposure
        Where it is not one, Asimov data of the Standard Model with so much more exposure.
    nested
        Settings of the nested run that are not those of all.
    """

    experiment: str
    couplings: str
    hard: str
    mass_mev: float | None = None
    exposure: float = 1.0
    nested: Mapping[str, int] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """What it is in the table."""
        mass = "" if self.mass_mev is None else f", {self.mass_mev:g} MeV"
        more = "" if self.exposure == 1.0 else f", Asimov x{self.exposure:g}"
        return self.experiment + more, self.couplings + mass

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the couplings."""
        return tuple(self.couplings.split())

    def experiments(self) -> tuple[Any, ...]:
        """Return the experiments."""
        found = experiments_of(self.experiment)
        if self.exposure == 1.0:
            return found
        return tuple(asimov(scaled(each, exposure=self.exposure)) for each in found)

    def task(self) -> Task:
        """Sample the posterior."""
        return coupling_task(self)


#: Of nested runs in bands that are thin and long.
THIN = {"live_points": 1000, "points": 400_000, "clusters": 128}

#: The same with the nuisances of argon: 400,000 points are worth 1200 draws.
MANY = THIN | {"points": 1_200_000}

COUPLINGS = (
    Couplings(XENONNT, "eps_ee_u eps_emu_u", "ring, deformed by propagation"),
    Couplings(XENONNT, "eps_mutau_u eps_emu_u", "off-diagonal, with propagation"),
    Couplings(XENONNT, "eps_ee_u eps_ee_d", "two bands, with propagation"),
    Couplings(XENONNT, "x_u x_d", "bands of a light mediator, large units", 10.0),
    Couplings(XENONNT, "eps_tautau_u", "two modes along flux_8b"),
    Couplings(XENONNT, "eps_ee_u eps_emu_u eps_etau_u", "shell, with propagation"),
    Couplings(XENONNT, "eps_ee_u eps_ee_d eps_mumu_u eps_mumu_d", "four dimensions, propagation"),
    Couplings(CSI, "eps_ee_u eps_mumu_u", "four islands, apart in two directions"),
    Couplings(CSI, "eps_ee_u eps_ee_d", "two parallel bands across the box"),
    Couplings(CSI, "eps_mumu_u eps_emu_u", "ring of charges of nu_e and nu_mu"),
    Couplings(CSI, "sin2_theta_w", "one coupling along neutron_radius_scale"),
    Couplings(CSI, "eps_ee_u eps_ee_d", "bands a tenth as thin", exposure=100.0, nested=THIN),
    Couplings(CSI, "eps_ee_u eps_mumu_u eps_emu_u", "shell in three dimensions"),
    Couplings(
        CSI, "eps_ee_u eps_ee_d eps_mumu_u eps_mumu_d", "four dimensions, four bands", nested=THIN
    ),
    Couplings(f"{CSI}+{GE}+{LAR}", "eps_ee_u eps_ee_d", "bands of three nuclei", nested=MANY),
    Couplings(f"{CSI}+{LAR}", "eps_ee_u eps_mumu_u", "islands in a joint fit", nested=MANY),
)


def coupling_task(case: Couplings) -> Task:
    """Sample a posterior of couplings; return what its comparison needs."""
    experiments = case.experiments()
    model = CouplingModel.of(case.names, mass_mev=case.mass_mev)
    engine = Engine(bc.ModelSpec.of(experiments, couplings=model), SETTINGS)
    engine.compile()
    start = time.perf_counter()
    branches = engine.branches()
    fit = engine.fit(seed=seed_of(case.key), branches=branches)
    seconds = time.perf_counter() - start
    box = engine.box.box
    places, tables = Places(case.names, box), of_couplings(engine.tables)
    data = branch_data(engine.spec, tables, BoxPart.of(box), range(len(case.names)))

    def split(cube: Array) -> Array:
        at = places.natural(cube)
        return np.array([each.part.share(at) for each in branches])

    def regions(one: Fit) -> dict[str, Pieces]:
        draws = {n: WeightedDraws.of(n, one.posterior, one.quality) for n in case.names}
        bounds = engine.box.bounds
        return {n: highest_density(values, LEVEL, bounds[n]) for n, values in draws.items()}

    return Task(
        *case.key,
        case.hard,
        experiments=experiments,
        compiled=engine.compiled.with_data(data),
        fit=fit,
        log_evidence=evidence_of(fit),
        seconds=seconds,
        names=case.names,
        folded=lambda cube: cube,
        split=split,
        nested_fit=places.fit,
        cube=places.cube,
        regions=regions,
        limits=lambda _: {},
        unsampled=NO_RIDGE,
        nested=NESTED | dict(case.nested),
    )


def evidence_of(fit: Fit) -> tuple[float, float]:
    """Return the log-evidence of a fit of couplings, and its standard error."""
    quality = fit.quality
    weights, errors = (quality[n].values.astype(float) for n in ("weight", "log_evidence_error"))
    total = np.logaddexp.reduce(quality["log_evidence"].values.astype(float))
    return float(total), float(np.sqrt(np.sum((weights * errors) ** 2)))


@dataclass(frozen=True, eq=False)
class Places:
    """Couplings as places in the unit cube, the first ones of a point, in the sampler's order.

    Attributes
    ----------
    names
        Names of the couplings, in the order of the box.
    box
        Where they may lie.
    """

    names: tuple[str, ...]
    box: Slab

    def natural(self, cube: Array) -> Array:
        """Return the couplings at points, from shape (n, d) to (n, couplings)."""
        found = np.empty((*cube.shape[:-1], len(self.names)))
        found[..., self.box.order] = cube[..., : len(self.names)]
        return np.asarray(self.box.lower + (self.box.upper - self.box.lower) * found)

    def fit(self, cube: Array) -> Fit:
        """Return points of equal weight, shape (n, d), as a fit."""
        draws = np.moveaxis(in_chains(self.natural(cube)), -1, 0)
        return as_fit(dict(zip(self.names, draws, strict=True)), None)

    def cube(self, draws: xr.Dataset) -> dict[str, Array]:
        """Return the places of draws by name."""
        lower, span = self.box.lower, self.box.upper - self.box.lower
        return {
            self.names[i]: (draws[self.names[i]].values - lower[i]) / span[i]
            for i in self.box.order
        }
