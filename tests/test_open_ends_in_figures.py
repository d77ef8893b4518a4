"""From posteriors to figures: an end of the prior is open; the least of a log prior is not.

Draws are invented; their densities end with the prior, or well inside.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.box import box_prior
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.ends import End, Ends
from bayes_cevns.figures.coupling_regions import region_figure
from bayes_cevns.figures.exclusion import exclusion_figure
from bayes_cevns.figures.regions import profile_regions, scan_regions
from bayes_cevns.inference.profile.parameter import CLLimit, Interval
from bayes_cevns.plots.stretches import Piece
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.studies.coupling_fits import CouplingFits
from bayes_cevns.studies.profile import profile_scan
from bayes_cevns.studies.scan_result import Scan, ScanPoint
from bayes_cevns.summary.fit import Fit

SHAPE = (1, 4, 2000)
FLAT = CouplingPrior("flat", False, 0.0, 1.0, 0.0, 1.0, None)
SIGNED = CouplingPrior("flat", True, 0.0, 1.0, -1.0, 1.0, None)
LOG = CouplingPrior("log", False, 0.0, 1e-4, 0.0, 0.5 * np.log(1e4), None)


def fit_of(prior: CouplingPrior | None, **draws: np.ndarray) -> Fit:
    one = np.ones(1)
    quality = {
        "weight": one,
        "log_evidence_error": 0 * one,
        "passed": one.astype(bool),
        **dict.fromkeys(("rhat", "ess_bulk", "ess_tail", "divergences"), one),
    }
    posterior = {n: (("branch", "chain", "draw"), v.reshape(SHAPE)) for n, v in draws.items()}
    data = xr.Dataset({name: ("branch", values) for name, values in quality.items()})
    return Fit(prior, xr.Dataset(posterior), xr.Dataset(), data)


def point(mass: float, prior: CouplingPrior, x: np.ndarray) -> ScanPoint:
    fit = fit_of(prior, coupling_product=np.random.default_rng(1).permuted(x))
    return ScanPoint(mass, fit, 0.9, {})


def scanned(one: Experiment, interaction: str, *points: ScanPoint) -> Scan:
    spec = ModelSpec.of([one], interaction=interaction)
    return Scan(spec, 0.9, 1, list(points))


INSIDE = np.minimum(np.random.default_rng(2).exponential(0.05, 8000), 0.9)
UP_TO_THE_END = np.random.default_rng(3).uniform(0.0, 1.0, 8000)


def words(figure: Figure) -> list[str]:
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_a_limit_at_the_end_of_the_prior_is_open(xenonnt: Experiment) -> None:
    scan = scanned(
        xenonnt, "scalar-universal", point(1.0, FLAT, INSIDE), point(2.0, FLAT, UP_TO_THE_END)
    )
    (found,) = scan_regions(scan)
    ((closed,), (cut,)) = found.regions
    assert (closed.is_open, cut.is_open) == ((False, False), (False, True))
    assert cut.high == scan.points[1].limits[0].value
    np.testing.assert_array_equal(np.isfinite(found.limit), [True, False])
    assert words(exclusion_figure(scan))[-1] == "open: set by the end of the prior's range"


def test_the_least_coupling_of_a_log_prior_is_no_open_end(xenonnt: Experiment) -> None:
    """The limit is one of this prior, which its flag says; all that it excludes is above."""
    x = 1e-4 * 10 ** (2 * UP_TO_THE_END)
    scan = scanned(xenonnt, "scalar-universal", point(1.0, LOG, x))
    assert scan.points[0].limits[0].ends.at_bound == "low"
    (found,) = scan_regions(scan)
    assert found.regions == [(Piece(0.0, scan.points[0].limits[0].value),)]
    assert np.all(np.isfinite(found.limit))
    assert not any("open" in text for text in words(exclusion_figure(scan)))


def test_a_band_from_which_a_log_prior_goes_on_to_its_least_coupling(xenonnt: Experiment) -> None:
    """A twentieth of the probability lies evenly below a band: its low edge is the prior's too."""
    rng = np.random.default_rng(4)
    t = np.concatenate([rng.uniform(0.0, 2.0, 400), rng.normal(2.5, 0.3, 7600)])
    scan = scanned(xenonnt, "scalar-universal", point(1.0, LOG, LOG.product(t)))
    (found,) = scan_regions(scan)
    ((band,),) = found.regions
    assert band.low > 0.0
    assert band.is_open == (True, False)


def test_each_sign_is_open_by_itself(xenonnt: Experiment) -> None:
    x = np.concatenate([-UP_TO_THE_END[:4000], INSIDE[:4000]])
    scan = scanned(xenonnt, "vector-universal", point(1.0, SIGNED, x))
    positive, negative = scan_regions(scan)
    assert [p.is_open for p in positive.regions[0]] == [(False, False)]
    assert [p.is_open for p in negative.regions[0]] == [(False, True)]
    assert (np.isfinite(positive.limit[0]), np.isfinite(negative.limit[0])) == (True, False)


def test_the_end_of_a_profile_is_open(xenonnt: Experiment) -> None:
    found = profile_scan([xenonnt], interaction="scalar-universal", masses_mev=[10.0])
    result = found.points[0].result
    assert result is not None
    (limit,) = profile_regions(found)[0].limit
    assert limit == result.limits[0].value
    wall = Ends(high=End("range", "g", 2e-5))
    cut = CLLimit("upper", 2e-5, 2.7, wall, (Interval(0.0, 2e-5),))
    found.points[0] = replace(found.points[0], result=replace(result, limits=(cut,)))
    (region,) = profile_regions(found)
    assert region.regions == [(Piece(0.0, 2e-5, is_open=(False, True)),)]
    assert np.isnan(region.limit[0])


def drawn_regions(one: Experiment, **draws: np.ndarray) -> Figure:
    """Return the figure of the first two couplings of a posterior, others marginalised."""
    names = [name for name in draws if name.startswith("eps_")]
    model = CouplingModel.of(names)
    spec = ModelSpec.of([one], couplings=model)
    box = box_prior(model, of_couplings(spec.tables()), {})
    joint = {"joint": replace(fit_of(None, **draws), box=box)}
    found = CouplingFits(spec, (0.9,), 1, one_at_a_time=False, fits=joint)
    return region_figure(found, *list(draws)[:2])


def heading(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.texts)


def measured_sum(total: float) -> tuple[np.ndarray, np.ndarray]:
    """Return draws of two couplings between -1 and 1 of which the sum is measured, within 0.1."""
    rng = np.random.default_rng(5)
    x = rng.uniform(-1, 1, 40000)
    y = rng.normal(total - x, 0.1)
    inside = np.abs(y) < 1
    return x[inside][:8000], y[inside][:8000]


def test_regions_that_leave_the_box_show_it(xenonnt: Experiment) -> None:
    x, y = measured_sum(0.0)
    figure = drawn_regions(xenonnt, eps_ee_u=x, eps_ee_d=y)
    (axes,) = figure.axes
    across = [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == ":"]
    up = [line.get_ydata()[0] for line in axes.lines if line.get_linestyle() == ":"]
    assert (across[:2], up[2:]) == ([-1.0, 1.0], [-1.0, 1.0])
    low, high = axes.get_xlim()
    assert low < -1.0 < 1.0 < high, "the end of the prior is within the axes"
    assert words(figure)[-1] == "end of the prior: the regions are open there"
    assert "open" not in heading(figure)


def test_regions_that_a_marginalised_coupling_cuts_say_so(xenonnt: Experiment) -> None:
    """x + z = 0.3: x ends where z is 1, and at its own upper bound; y is measured."""
    x, z = measured_sum(0.3)
    y = np.random.default_rng(7).normal(0.1, 0.05, 8000)
    figure = drawn_regions(xenonnt, eps_ee_u=x, eps_ee_d=y, eps_mumu_d=z)
    (axes,) = figure.axes
    across = [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == ":"]
    assert across == [1.0]
    assert heading(figure).endswith(
        r"open: cut by the end of the prior of $\varepsilon^{d}_{\mu \mu}$ at 1"
    )


def test_regions_inside_their_box_have_none(xenonnt: Experiment) -> None:
    rng = np.random.default_rng(6)
    draws = {name: rng.normal(0.1, 0.1, 8000) for name in ("eps_ee_u", "eps_ee_d")}
    figure = drawn_regions(xenonnt, **draws)
    assert words(figure)[-1] == "Standard Model"
    assert "open" not in heading(figure)
