"""Posteriors with two modes beside nested sampling; writes nsi_posteriors.md and its csv.

The NSI couplings one at a time and some pairs, and the signed vector mediator: weights of the
branches, evidence and 90% credible intervals by the package (NUTS branch by branch, weighed by
evidence), and by dynesty on the same density. Beside them the 1 sigma intervals of table III of
arXiv:2409.02003 (Delta chi^2 = 1 of event counts, other efficiencies). Cases that the csv has of
this version and seed are not run again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import nsi_regions
import numpy as np
import xarray as xr
from nested_density import NestedRun, NuisancePriors, run_nested
from nsi_004_published import names, show, table_iii
from numpy.typing import NDArray

import bayes_cevns as bc
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.fit import Fit
from bayes_cevns.inference.nsi import NsiEngine
from bayes_cevns.model import data_at
from bayes_cevns.nsi.model import slab_data
from bayes_cevns.nsi.specification import NsiSpec
from bayes_cevns.summary.bands import bands
from bayes_cevns.summary.intervals import intervals

type Array = NDArray[np.float64]

HERE = Path(__file__).parent
PLANES = "nsi_posteriors_planes.png"
PAGE, TABLE = HERE / "nsi_posteriors.md", HERE / "nsi_posteriors.csv"

#: The package's own default settings: what a user gets.
SETTINGS = bc.SamplerSettings()
SEED = 1
RUNS, LIVE_POINTS = 6, 1000

#: Weights of branches must agree to this, relative.
TARGET = 0.05

XENONNT = "xenonnt_cevns"
JOINT = "xenonnt_cevns+pandax4t_us2"
PAIRS = (("eps_ee_u", "eps_ee_d"), ("eps_ee_u", "eps_emu_u"), ("eps_mutau_d", "eps_tautau_d"))
VECTOR, MASSES_MEV = "vector-universal", (1.0, 10.0, 100.0)

#: The column of table III that goes with some experiments.
PUBLISHED = {XENONNT: "xenonnt", JOINT: "combined"}


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
        The same by nested sampling: mean over runs and its standard error.
    log_evidence, log_evidence_error, nested_log_evidence, nested_log_evidence_error
        Of the whole posterior.
    intervals_68, intervals_90, nested_intervals_90
        Highest-density intervals, ``low:high`` separated by spaces, couplings by semicolons.
    nested_end_errors
        Standard errors of the outermost ends of the nested intervals, from the scatter of runs.
    calls
        Calls of the density by all nested runs.
    passed
        Whether the fit passed its gate.
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
    intervals_68: str
    intervals_90: str
    nested_intervals_90: str
    nested_end_errors: str
    calls: int
    passed: bool
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
    _write(found)
    _draw_planes()
    PAGE.write_text(page(found), encoding="utf-8")


def _draw_planes() -> None:
    """Draw the planes of figure 4 of the paper."""
    fits = {
        (label, pair): _nsi_engine(label, 2).fit(pair, seed=SEED)
        for label in (XENONNT, "pandax4t_us2")
        for pair in nsi_regions.PAIRS
    }
    for key, fit in fits.items():
        if not fit.passed:
            raise RuntimeError(f"{key}: {fit.reason}")
    nsi_regions.figure(fits).savefig(HERE / "figures" / PLANES)


def _jobs() -> Iterator[tuple[tuple[str, str], Callable[[], Case]]]:
    for mass in MASSES_MEV:
        yield (XENONNT, f"{VECTOR} {mass:g} MeV"), lambda mass=mass: mediator_case(mass)
    for experiment in (XENONNT, JOINT):
        for name in names():
            yield (
                (experiment, name),
                lambda experiment=experiment, name=name: nsi_case(experiment, (name,)),
            )
    for pair in PAIRS:
        yield (XENONNT, " ".join(pair)), lambda pair=pair: nsi_case(XENONNT, pair)


@cache
def _experiments(label: str) -> tuple[Any, ...]:
    return tuple(bc.experiment(name) for name in label.split("+"))


@cache
def _nsi_engine(label: str, count: int) -> NsiEngine:
    spec = NsiSpec.of(_experiments(label), parameters=names())
    return NsiEngine(spec, count=count, settings=SETTINGS)


@cache
def _mediator_engine() -> Engine:
    spec = bc.ModelSpec.of(_experiments(XENONNT), interaction=VECTOR, prior="flat")
    return Engine(spec, SETTINGS)


def nsi_case(label: str, parameters: tuple[str, ...]) -> Case:
    """Compare the posterior of some couplings."""
    engine = _nsi_engine(label, len(parameters))
    slabs = engine.branches(parameters)
    fit = engine.fit(parameters, seed=SEED, branches=slabs)
    spec = engine.free(parameters)
    box = spec.box
    compiled = engine.sampler.compiled.with_data(**slab_data(spec.parameters, box))
    order = box.order
    start, span, _ = box.numbers

    def couplings(run: NestedRun) -> Array:
        found = np.empty_like(run.shares)
        found[:, order] = start + span * run.shares
        return found

    def split(run: NestedRun) -> Array:
        at = couplings(run)
        return np.array([run.weights[slab.contains(at)].sum() for slab in slabs])

    def quote(one: Fit, level: float) -> str:
        return ";".join(
            " ".join(
                f"{i.low:.4f}:{i.high:.4f}" for i in intervals(one, name, level, spec.bounds[name])
            )
            for name in parameters
        )

    def nested_fit(runs: list[NestedRun]) -> Fit:
        draws = equal_draws([couplings(run) for run in runs], runs)
        return as_fit(dict(zip(parameters, np.moveaxis(draws, -1, 0), strict=True)), None)

    log_z = fit.quality["log_evidence"].values.astype(float)
    key = (label, " ".join(parameters))
    return _case(key, fit, log_z, compiled, len(parameters), split, nested_fit, quote)


def mediator_case(mass_mev: float) -> Case:
    """Compare the posterior of the signed vector at one mass."""
    engine = _mediator_engine()
    fit = engine.fit(mass_mev, seed=SEED)
    data, prior = data_at(engine.spec, engine.tables, mass_mev)
    assert prior is not None
    compiled = engine.compiled.with_data(**data)
    width = prior.upper - prior.lower
    edges = np.append(fit.quality["low"].values, prior.upper)

    def coordinate(run: NestedRun) -> Array:
        return prior.lower + width * run.shares

    def split(run: NestedRun) -> Array:
        return np.histogram(coordinate(run)[:, 0], bins=edges, weights=run.weights)[0]

    def quote(one: Fit, level: float) -> str:
        return " ".join(f"{b.low:.3e}:{b.high:.3e}" for b in bands(one, level))

    def nested_fit(runs: list[NestedRun]) -> Fit:
        draws = equal_draws([coordinate(run) for run in runs], runs)[..., 0]
        return as_fit({"coupling_product": prior.product(draws)}, prior)

    log_z = fit.quality["log_evidence"].values.astype(float)
    log_z += np.log(np.diff(edges) / width)
    key = (XENONNT, f"{VECTOR} {mass_mev:g} MeV")
    return _case(key, fit, log_z, compiled, 1, split, nested_fit, quote)


def _case(
    key: tuple[str, str],
    fit: Fit,
    log_z: Array,
    compiled: Any,
    count: int,
    split: Callable[[NestedRun], Array],
    nested_fit: Callable[[list[NestedRun]], Fit],
    quote: Callable[[Fit, float], str],
) -> Case:
    """Run dynesty on the same density, and put both side by side."""
    priors = NuisancePriors.of(_experiments(key[0]))
    runs = [
        run_nested(compiled, priors, count, seed=SEED + i, live_points=LIVE_POINTS)
        for i in range(RUNS)
    ]
    weights = fit.quality["weight"].values.astype(float)
    errors = fit.quality["log_evidence_error"].values.astype(float)
    # Error propagation of w_i = Z_i / sum Z: dw_i = w_i ((1 - w_i) e_i, -w_j e_j ...).
    jacobian = weights[:, None] * (np.eye(weights.size) - weights)
    weight_errors = np.sqrt((jacobian**2) @ errors**2) if weights.size > 1 else np.zeros(1)
    shares = np.array([split(run) for run in runs])
    evidences = np.array([run.log_z for run in runs])
    return Case(
        *key,
        _words(weights),
        _words(weight_errors),
        _words(shares.mean(axis=0)),
        _words(shares.std(axis=0, ddof=1) / np.sqrt(RUNS)),
        round(float(np.logaddexp.reduce(log_z)), 4),
        round(float(np.sqrt(np.sum((weights * errors) ** 2))), 4),
        round(float(evidences.mean()), 4),
        round(float(evidences.std(ddof=1) / np.sqrt(RUNS)), 4),
        quote(fit, 0.6827),
        quote(fit, 0.9),
        quote(nested_fit(runs), 0.9),
        _end_errors([quote(nested_fit([run]), 0.9) for run in runs]),
        sum(run.calls for run in runs),
        fit.passed,
        bc.__version__,
        SEED,
    )


def equal_draws(values: list[Array], runs: list[NestedRun]) -> Array:
    """Return draws of equal weight, shape (chain, draw, k), each run a chain."""
    rng = np.random.default_rng(SEED)
    size = min(int(1.0 / (run.weights**2).sum()) for run in runs)
    chosen = [rng.choice(len(v), size, p=run.weights) for v, run in zip(values, runs, strict=True)]
    return np.stack([v[i] for v, i in zip(values, chosen, strict=True)])


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


def _end_errors(texts: list[str]) -> str:
    errors = np.std([outer_ends(text) for text in texts], axis=0, ddof=1) / np.sqrt(RUNS)
    return ";".join(":".join(f"{error:.1e}" for error in one) for one in errors)


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
    for case in cases:
        for weight, error, nested, nested_error in case.pairs:
            if len(case.pairs) > 1:
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
        shifts += ((ends - nested_ends) / widths).ravel().tolist()
        ours = ", ".join(f"{w:.3f} ± {e:.3f}" for w, e, _, _ in case.pairs)
        theirs = ", ".join(f"{w:.3f} ± {e:.3f}" for _, _, w, e in case.pairs)
        largest = max((abs(w / n - 1.0) for w, _, n, _ in case.pairs), default=0.0)
        weights.append(
            f"| {case.experiment} | {case.model} | {ours} | {theirs} | {largest:.1%} "
            f"| {case.log_evidence:.3f} ± {case.log_evidence_error:.3f} "
            f"| {case.nested_log_evidence:.3f} ± {case.nested_log_evidence_error:.3f} |"
        )
        published = table_iii().get((case.model, PUBLISHED[case.experiment]))
        limits.append(
            f"| {case.experiment} | {case.model} | {_shown(case.intervals_90)} "
            f"| {_shown(case.nested_intervals_90)} | {_ends(case.nested_end_errors)} "
            f"| {_shown(case.intervals_68)} "
            f"| {show(published) if published else ''} |"
        )
    size = np.abs(relative)
    rms = float(np.sqrt(np.mean(np.square(pulls))))
    evidence_rms = float(np.sqrt(np.mean(np.square(evidence_pulls))))
    text = [
        "# Posteriors with two modes, beside nested sampling",
        "",
        f"Written by `make nsi`; do not edit. bayes_cevns {bc.__version__}. "
        + re.sub(r"\s+", " ", (__doc__ or "").split("\n\n")[1].strip()),
        "",
        f"Package: default settings, {SETTINGS.chains} x {SETTINGS.draws} draws of each branch. "
        f"Nested: {RUNS} runs of dynesty with {LIVE_POINTS} live points; mean and error of the "
        "mean, from their scatter. Flat priors: couplings from -1 to 1; the vector flat in "
        "g_nu g_q, intervals in g with the sign of g_nu g_q.",
        "",
        "## Weights and evidence",
        "",
        "| experiment | model | weights | nested | largest difference | ln Z | nested |",
        "| :-- | :-- | :-- | :-- | --: | --: | --: |",
        *weights,
        "",
        f"Target: weights within {TARGET:.0%}. {int(np.sum(size <= TARGET))} of {size.size} are; "
        f"the largest difference is {size.max():.1%}. In units of its error a difference of "
        f"weights is {rms:.2f} (root mean square; 1 is expected), of evidences "
        f"{evidence_rms:.2f}. {sum(not case.passed for case in cases)} of {len(cases)} fits failed "
        "their gate.",
        "",
        "## Intervals",
        "",
        "Highest-density intervals; the error is that of the outermost ends of the nested 90% "
        "intervals. The paper quotes Delta chi^2 = 1 of numbers of events, without yields and "
        "backgrounds as nuisances, with efficiencies of its own and XENONnT's first two runs; our "
        "joint fit leaves out PandaX-4T's paired data, which its combination has.",
        "",
        "Outermost ends of the 90% intervals differ by "
        f"{np.sqrt(np.mean(np.square(shifts))):.1%} of the width (root mean square), "
        f"{np.max(np.abs(shifts)):.1%} at most.",
        "",
        "| experiment | model | 90% | nested, 90% | error | 68% | paper, 1 sigma |",
        "| :-- | :-- | :-- | :-- | :-- | :-- | :-- |",
        *limits,
        "",
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


def _ends(text: str) -> str:
    """Return the errors of the ends as text."""
    return "; ".join("±" + ", ±".join(one.split(":")) for one in text.split(";"))


def _short(end: str) -> str:
    return f"{float(end):.2e}" if "e" in end else f"{float(end):.3f}"


if __name__ == "__main__":
    main()
