"""Posteriors with several modes beside nested sampling; writes nsi_posteriors.md and its csv.

Posteriors that are hard to sample: planes in which charges cancel, thin bands, islands, rings and
shells, three and four couplings, a coupling with a nuisance. Weights of the branches, evidence and
90% credible intervals by the package (NUTS branch by branch, weighed by evidence), and by dynesty
on the same density, which sees all of it at once. Cases that the csv has of this version and seed
are not run again.
"""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import nsi_regions
import numpy as np
import xarray as xr
from nested_density import NestedRun, NuisancePriors, run_nested
from numpy.typing import NDArray

import bayes_cevns as bc
from bayes_cevns.cards.projections import scaled
from bayes_cevns.couplings.box_part import BoxPart
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.density.compiled import CompiledModel
from bayes_cevns.density.data import branch_data, data_at
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.gate import Gate
from bayes_cevns.specification.simulation import asimov
from bayes_cevns.summary.bands import bands
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.intervals import intervals

type Array = NDArray[np.float64]

HERE = Path(__file__).parent
PLANES = "nsi_posteriors_planes.png"
PAGE, TABLE = HERE / "nsi_posteriors.md", HERE / "nsi_posteriors.csv"

#: Half of the draws that the package takes by default, and half of the effective ones.
SETTINGS = bc.SamplerSettings(draws=500, cores=1, gate=Gate(rhat_max=1.02, ess_min=200.0))
SEED = 1
LIVE_POINTS, POINTS = 400, 20_000

#: Weights of branches must agree to this, relative.
TARGET = 0.05

#: Weights of branches that nested sampling gives less are not compared: its error is as large.
LEAST = 0.02

#: A nested run that is worth fewer draws decides nothing.
ENOUGH = 1000

XENONNT, CSI, LAR, GE = "xenonnt_cevns", "coherent_csi", "coherent_lar", "coherent_ge"
VECTOR, MASSES_MEV = "vector-universal", (1.0, 10.0, 100.0)


@dataclass(frozen=True)
class Problem:
    """A posterior to compare.

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
    """

    experiment: str
    couplings: str
    hard: str
    mass_mev: float | None = None
    exposure: float = 1.0

    @property
    def key(self) -> tuple[str, str]:
        """What it is in the csv."""
        mass = "" if self.mass_mev is None else f" {self.mass_mev:g} MeV"
        more = "" if self.exposure == 1.0 else f" Asimov x{self.exposure:g}"
        return self.experiment + more, self.couplings + mass

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the couplings."""
        return tuple(self.couplings.split())

    def experiments(self) -> tuple[Any, ...]:
        """Return the experiments."""
        found = _experiments(self.experiment)
        if self.exposure == 1.0:
            return found
        return tuple(asimov(scaled(each, exposure=self.exposure)) for each in found)


PROBLEMS = (
    Problem(XENONNT, "eps_ee_u eps_emu_u", "ring, deformed by propagation"),
    Problem(XENONNT, "eps_mutau_u eps_emu_u", "off-diagonal, with propagation"),
    Problem(XENONNT, "eps_ee_u eps_ee_d", "two bands, with propagation"),
    Problem(XENONNT, "x_u x_d", "bands of a light mediator, large units", 10.0),
    Problem(XENONNT, "eps_tautau_u", "two modes along flux_8b"),
    Problem(XENONNT, "eps_ee_u eps_emu_u eps_etau_u", "shell, with propagation"),
    Problem(XENONNT, "eps_ee_u eps_ee_d eps_mumu_u eps_mumu_d", "four dimensions, propagation"),
    Problem(CSI, "eps_ee_u eps_mumu_u", "four islands, apart in two directions"),
    Problem(CSI, "eps_ee_u eps_ee_d", "two parallel bands across the box"),
    Problem(CSI, "eps_mumu_u eps_emu_u", "ring of charges of nu_e and nu_mu"),
    Problem(CSI, "sin2_theta_w", "one coupling along neutron_radius_scale"),
    Problem(CSI, "eps_ee_u eps_ee_d", "bands a tenth as thin", exposure=100.0),
    Problem(CSI, "eps_ee_u eps_mumu_u eps_emu_u", "shell in three dimensions"),
    Problem(CSI, "eps_ee_u eps_ee_d eps_mumu_u eps_mumu_d", "four dimensions, four bands"),
    Problem(f"{CSI}+{GE}+{LAR}", "eps_ee_u eps_ee_d", "bands of three nuclei"),
    Problem(f"{CSI}+{LAR}", "eps_ee_u eps_mumu_u", "islands in a joint fit"),
)


@dataclass(frozen=True)
class Case:
    """One posterior by both; columns of the csv.

    Attributes
    ----------
    experiment, model
        What was fitted: couplings, or an interaction and its mass.
    weights, weight_errors
        Of the branches, by the package, separated by spaces.
    nested_weights, nested_weight_errors
        The same by nested sampling, with standard errors.
    log_evidence, log_evidence_error, nested_log_evidence, nested_log_evidence_error
        Of the whole posterior.
    distance, distance_of
        Largest difference of the cumulative probability of any parameter, and which it is.
    intervals_68, intervals_90, nested_intervals_90
        Highest-density intervals, ``low:high`` separated by spaces, couplings by semicolons.
    effective
        How many draws the weighted points of the nested run are worth.
    calls
        Calls of the density by the nested run.
    seconds, nested_seconds
        Wall time of finding the branches and sampling them, and of the nested run.
    passed, reason
        Whether the fit passed its gate, and why not.
    version, seed
        Of the package, and of the random numbers.
    """

    experiment: str
    model: str
    weights: str
    weight_errors: str
    nested_weights: str
    nested_weight_errors: str
    log_evidence: float
    log_evidence_error: float
    nested_log_evidence: float
    nested_log_evidence_error: float
    distance: float
    distance_of: str
    intervals_68: str
    intervals_90: str
    nested_intervals_90: str
    effective: int
    calls: int
    seconds: float
    nested_seconds: float
    passed: bool
    reason: str
    version: str
    seed: int

    @property
    def pairs(self) -> list[tuple[float, float, float, float]]:
        """Weight and error of each branch, then those of nested sampling."""
        ours = zip(self.weights.split(), self.weight_errors.split(), strict=True)
        theirs = zip(self.nested_weights.split(), self.nested_weight_errors.split(), strict=True)
        return [
            (float(w), float(e), float(nested), float(error))
            for (w, e), (nested, error) in zip(ours, theirs, strict=True)
        ]


def main() -> None:
    """Run what is missing, and write the page."""
    known = {(c.experiment, c.model): c for c in _read()}
    found = []
    for key, run in _jobs():
        old = known.get(key)
        if old is None or (old.version, old.seed) != (bc.__version__, SEED):
            old = run()
            print(old, flush=True)
        found.append(old)
        known[key] = old
        _write(list(known.values()))
        PAGE.write_text(page(found), encoding="utf-8")
    _write(found)


def draw_planes() -> None:
    """Draw the planes of figure 4 of the paper."""
    names = tuple(dict.fromkeys(name for pair in nsi_regions.PAIRS for name in pair))
    fits = {}
    for label in (XENONNT, "pandax4t_us2"):
        spec = bc.ModelSpec.of(_experiments(label), couplings=CouplingModel.of(names))
        engine = Engine(spec, SETTINGS, free=2)
        for pair in nsi_regions.PAIRS:
            fits[label, pair] = engine.fit(free=pair, seed=SEED)
    for key, fit in fits.items():
        if not fit.passed:
            raise RuntimeError(f"{key}: {fit.reason}")
    nsi_regions.figure(fits).savefig(HERE / "figures" / PLANES)


def _jobs() -> Iterator[tuple[tuple[str, str], Callable[[], Case]]]:
    for problem in PROBLEMS:
        yield problem.key, lambda problem=problem: coupling_case(problem)
    for mass in MASSES_MEV:
        yield (XENONNT, f"{VECTOR} {mass:g} MeV"), lambda mass=mass: mediator_case(mass)


@cache
def _experiments(label: str) -> tuple[Any, ...]:
    return tuple(bc.experiment(name) for name in label.split("+"))


@cache
def _mediator_engine() -> Engine:
    spec = bc.ModelSpec.of(_experiments(XENONNT), interaction=VECTOR, prior="flat")
    return Engine(spec, SETTINGS)


def coupling_case(problem: Problem) -> Case:
    """Compare the posterior of some couplings."""
    model = CouplingModel.of(problem.names, mass_mev=problem.mass_mev)
    engine = Engine(bc.ModelSpec.of(problem.experiments(), couplings=model), SETTINGS)
    engine.compile()
    start = time.perf_counter()
    branches = engine.branches()
    fit = engine.fit(seed=SEED, branches=branches)
    seconds = time.perf_counter() - start
    box, names = engine.box.box, problem.names
    span = box.upper - box.lower
    every = range(len(names))
    whole = BoxPart.of(box)
    data = branch_data(engine.spec, of_couplings(engine.tables), whole, every)
    compiled = engine.compiled.with_data(data)

    def natural(places: Array) -> Array:
        found = np.empty((*places.shape[:-1], len(names)))
        found[..., box.order] = places[..., : len(names)]
        return np.asarray(box.lower + span * found)

    def split(places: Array) -> Array:
        at = natural(places)
        return np.array([each.part.share(at) for each in branches])

    def quote(one: Fit, level: float) -> str:
        end = ".4f" if problem.mass_mev is None else ".3e"
        return ";".join(
            " ".join(
                f"{i.low:{end}}:{i.high:{end}}"
                for i in intervals(one, name, level, engine.box.bounds[name])
            )
            for name in names
        )

    def nested_fit(run: NestedRun) -> Fit:
        draws = natural(equal_draws(run))
        return as_fit(dict(zip(names, np.moveaxis(draws, -1, 0), strict=True)), None)

    def cube(draws: xr.Dataset) -> dict[str, Array]:
        # In the order of the sampler, which is that of the nested run.
        ordered = [names[place] for place in box.order]
        ends = zip(ordered, box.lower[box.order], span[box.order], strict=True)
        return {name: (draws[name].values - low) / width for name, low, width in ends}

    log_z = fit.quality["log_evidence"].values.astype(float)
    task = Task(problem.experiments(), fit, log_z, compiled, split, nested_fit, quote, cube, names)
    return _case(problem.key, task, seconds)


def mediator_case(mass_mev: float) -> Case:
    """Compare the posterior of the signed vector at one mass."""
    engine = _mediator_engine()
    engine.compile()
    start = time.perf_counter()
    fit = engine.fit(mass_mev, seed=SEED)
    seconds = time.perf_counter() - start
    data, prior = data_at(engine.spec, engine.tables, mass_mev)
    assert prior is not None
    compiled = engine.compiled.with_data(data)
    width = prior.upper - prior.lower
    edges = np.append(fit.quality["low"].values, prior.upper)

    def split(places: Array) -> Array:
        at = prior.lower + width * places[:, 0]
        return np.array([(at >= low) & (at < high) for low, high in pairwise(edges)], dtype=float)

    def quote(one: Fit, level: float) -> str:
        return " ".join(f"{b.low:.3e}:{b.high:.3e}" for b in bands(one, level))

    def nested_fit(run: NestedRun) -> Fit:
        draws = prior.lower + width * equal_draws(run)[..., 0]
        return as_fit({"coupling_product": prior.product(draws)}, prior)

    def cube(draws: xr.Dataset) -> dict[str, Array]:
        return {"coupling": (draws["coupling_coordinate"].values - prior.lower) / width}

    log_z = fit.quality["log_evidence"].values.astype(float)
    log_z += np.log(np.diff(edges) / width)
    key, known = (XENONNT, f"{VECTOR} {mass_mev:g} MeV"), ("coupling",)
    found = Task(_experiments(XENONNT), fit, log_z, compiled, split, nested_fit, quote, cube, known)
    return _case(key, found, seconds)


@dataclass(frozen=True)
class Task:
    """A fit, and what is needed to compare it with nested runs.

    Attributes
    ----------
    experiments, fit, log_z, compiled
        The experiments, their fit, the log-evidence of each branch, and the density.
    split
        Share of each branch at places in the unit cube, from shape (n, d) to (branches, n).
    nested_fit
        A nested run as a fit.
    quote
        Intervals of a fit at a level.
    cube
        Couplings of draws as places in the unit cube.
    names
        Names of the couplings.
    """

    experiments: tuple[Any, ...]
    fit: Fit
    log_z: Array
    compiled: CompiledModel
    split: Callable[[Array], Array]
    nested_fit: Callable[[NestedRun], Fit]
    quote: Callable[[Fit, float], str]
    cube: Callable[[xr.Dataset], dict[str, Array]]
    names: tuple[str, ...]


def _case(key: tuple[str, str], task: Task, seconds: float) -> Case:
    """Run dynesty on the same density, and put both side by side."""
    priors = NuisancePriors.of(task.experiments)
    fit = task.fit
    begin = time.perf_counter()
    run = run_nested(
        task.compiled,
        priors,
        len(task.names),
        seed=SEED,
        live_points=LIVE_POINTS,
        points=POINTS,
    )
    nested_seconds = time.perf_counter() - begin
    weights = fit.quality["weight"].values.astype(float)
    errors = fit.quality["log_evidence_error"].values.astype(float)
    # Error propagation of w_i = Z_i / sum Z: dw_i = w_i ((1 - w_i) e_i, -w_j e_j ...).
    jacobian = weights[:, None] * (np.eye(weights.size) - weights)
    weight_errors = np.sqrt((jacobian**2) @ errors**2) if weights.size > 1 else np.zeros(1)
    shares, share_errors = np.array([run.mean(share) for share in task.split(run.cube)]).T
    draws = fit.draws()
    places = {**task.cube(draws), **priors.places(draws)}
    distances = {
        name: _distance(values.ravel(), number, run)
        for number, (name, values) in enumerate(places.items())
    }
    worst = max(distances, key=lambda name: distances[name])
    quote = task.quote
    return Case(
        *key,
        _words(weights),
        _words(weight_errors),
        _words(shares),
        _words(share_errors),
        round(float(np.logaddexp.reduce(task.log_z)), 4),
        round(float(np.sqrt(np.sum((weights * errors) ** 2))), 4),
        round(run.log_z, 4),
        round(run.log_z_error, 4),
        round(distances[worst], 4),
        worst,
        quote(fit, 0.6827),
        quote(fit, 0.9),
        quote(task.nested_fit(run), 0.9),
        round(run.effective),
        run.calls,
        round(seconds, 1),
        round(nested_seconds, 1),
        fit.passed,
        fit.reason,
        bc.__version__,
        SEED,
    )


def _distance(places: Array, number: int, run: NestedRun) -> float:
    """Return the largest difference of the cumulative probability of one parameter."""
    grid = np.linspace(0.0, 1.0, 2001)
    ours = np.searchsorted(np.sort(places), grid) / places.size
    nested = np.cumsum(np.histogram(run.cube[:, number], bins=grid, weights=run.weights)[0])
    return float(np.max(np.abs(ours[1:] - nested)))


def equal_draws(run: NestedRun) -> Array:
    """Return draws of equal weight in the unit cube, shape (1, draw, d)."""
    rng = np.random.default_rng(SEED)
    return run.cube[rng.choice(len(run.cube), len(run.cube), p=run.weights)][None]


def as_fit(draws: dict[str, Array], prior: Any) -> Fit:
    """Return draws, shape (chain, draw), as a fit with one branch, to be summarised alike."""
    quality = xr.Dataset({"weight": ("branch", [1.0]), "log_evidence_error": ("branch", [0.0])})
    dims = ("branch", "chain", "draw")
    return Fit(
        prior,
        xr.Dataset({name: (dims, values[None]) for name, values in draws.items()}),
        xr.Dataset(),
        quality,
    )


def outer_ends(text: str) -> Array:
    """Return the lowest and highest end of the intervals of each coupling, shape (k, 2)."""
    found = [[float(end) for end in re.split("[: ]", one)] for one in text.split(";")]
    return np.array([[ends[0], ends[-1]] for ends in found])


def _words(values: Array) -> str:
    return " ".join(f"{value:.4f}" for value in values)


def _read() -> list[Case]:
    if not TABLE.is_file():
        return []
    kinds = {field.name: field.type for field in fields(Case)}
    convert: dict[Any, Callable[[str], Any]] = {
        "float": float,
        "int": int,
        "bool": lambda text: text == "True",
        "str": str,
    }
    rows = csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())
    return [Case(**{k: convert[kinds[k]](v) for k, v in row.items()}) for row in rows]


def _write(cases: list[Case]) -> None:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, [f.name for f in fields(Case)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(case) for case in cases)
    temporary = TABLE.with_suffix(".tmp")
    temporary.write_text(buffer.getvalue(), encoding="utf-8")
    temporary.replace(TABLE)


def page(cases: list[Case]) -> str:
    """Return the page of some cases."""
    relative, pulls, evidence_pulls = [], [], []
    shifts: list[float] = []
    weights, limits = [], []
    hard = {problem.key: problem.hard for problem in PROBLEMS}
    for case in cases:
        decides = case.effective >= ENOUGH
        several = [
            pair for pair in case.pairs if decides and len(case.pairs) > 1 and pair[2] > LEAST
        ]
        for weight, error, nested, nested_error in several:
            relative.append(weight / nested - 1.0)
            pulls.append((weight - nested) / np.hypot(error, nested_error))
        evidence_pulls.append(
            (case.log_evidence - case.nested_log_evidence)
            / np.hypot(case.log_evidence_error, case.nested_log_evidence_error)
        )
        ends, nested_ends = (
            outer_ends(text) for text in (case.intervals_90, case.nested_intervals_90)
        )
        widths = nested_ends[:, 1:] - nested_ends[:, :1]
        if decides:
            shifts += ((ends - nested_ends) / widths).ravel().tolist()
        ours = ", ".join(f"{w:.3f} ± {e:.3f}" for w, e, _, _ in case.pairs)
        theirs = ", ".join(f"{w:.3f} ± {e:.3f}" for _, _, w, e in case.pairs)
        largest = f"{max((abs(w / n - 1.0) for w, _, n, _ in several), default=0.0):.1%}"
        if not decides:
            largest = "undecided"
        elif not several:
            largest = "one branch"
        name = f"{case.experiment} | {case.model}"
        weights.append(
            f"| {name} | {hard.get((case.experiment, case.model), 'sign of the amplitude')} "
            f"| {ours} | {theirs} | {largest} | {case.log_evidence:.3f} ± "
            f"{case.log_evidence_error:.3f} | {case.nested_log_evidence:.3f} ± "
            f"{case.nested_log_evidence_error:.3f} | {case.effective} "
            f"| {case.distance:.3f} ({case.distance_of}) | {case.reason or 'passed'} "
            f"| {case.seconds:.0f} | {case.nested_seconds:.0f} |"
        )
        limits.append(
            f"| {name} | {_shown(case.intervals_90)} | {_shown(case.nested_intervals_90)} "
            f"| {_shown(case.intervals_68)} |"
        )
    size = np.abs(relative)
    rms = float(np.sqrt(np.mean(np.square(pulls))))
    evidence_rms = float(np.sqrt(np.mean(np.square(evidence_pulls))))
    text = [
        "# Posteriors with several modes, beside nested sampling",
        "",
        f"Written by `make nsi`; do not edit. bayes_cevns {bc.__version__}. "
        + re.sub(r"\s+", " ", (__doc__ or "").split("\n\n")[1].strip()),
        "",
        f"Package: {SETTINGS.chains} x {SETTINGS.draws} draws of each branch on one core, R-hat at "
        f"most {SETTINGS.gate.rhat_max:g}, {SETTINGS.gate.ess_min:g} effective draws. "
        f"Nested: dynesty with {LIVE_POINTS} live points; once modes have come apart, "
        "how many of them each has is a random walk (4 runs of 500 gave four islands to a tenth), "
        f"so that its points serve as a proposal, from which {POINTS:,} points are drawn and "
        "weighted. Flat priors: eps from -1 to 1, sin2_theta_w from 0 to 1; "
        "the vector flat in g_nu g_q, intervals in g with the sign of g_nu g_q. Seconds are wall "
        "time on a shared machine, without compilation.",
        "",
        "## Weights and evidence",
        "",
        "| experiment | model | what is hard | weights | nested | largest difference | ln Z "
        "| nested | nested draws | largest difference of cumulative probability | gate | s "
        "| s, nested |",
        "| :-- | :-- | :-- | :-- | :-- | --: | --: | --: | --: | --: | :-- | --: | --: |",
        *weights,
        "",
        f"Target: weights within {TARGET:.0%}, of branches with more than {LEAST:g}. "
        f"{int(np.sum(size <= TARGET))} of {size.size} are; "
        f"the largest difference is {size.max(initial=0.0):.1%}. In units of its error a "
        f"difference of weights is {rms:.2f} (root mean square; 1 is expected), of evidences "
        f"{evidence_rms:.2f}. {sum(not case.passed for case in cases)} of {len(cases)} fits failed "
        f"their gate. A nested run that is worth fewer than {ENOUGH} draws decides nothing: its "
        "mixture does not follow bands so thin. Cumulative probabilities are of all parameters, "
        "nuisances too; with some thousand draws 0.03 to 0.05 is expected of the worst of ten.",
        "",
        "## Intervals",
        "",
        "Highest-density intervals of each coupling, all others marginalised. Outermost ends "
        f"of the 90% intervals differ by {np.sqrt(np.mean(np.square(shifts))):.1%} of the width "
        f"(root mean square), {np.max(np.abs(shifts)):.1%} at most.",
        "",
        "| experiment | model | 90% | nested, 90% | 68% |",
        "| :-- | :-- | :-- | :-- | :-- |",
        *limits,
        "",
    ]
    if (HERE / "figures" / PLANES).is_file():
        text += [
            "## Planes",
            "",
            re.sub(r"\s+", " ", (nsi_regions.__doc__ or "").strip()),
            "",
            f"![planes](figures/{PLANES})",
            "",
        ]
    return "\n".join(text)


def _shown(text: str) -> str:
    """Return intervals of the csv as text."""
    return "; ".join(
        " + ".join("[" + ", ".join(_short(end) for end in i.split(":")) + "]" for i in one.split())
        for one in text.split(";")
    )


def _short(end: str) -> str:
    return f"{float(end):.2e}" if "e" in end else f"{float(end):.3f}"


if __name__ == "__main__":
    main()
    draw_planes()
