"""Ends of ranges are not quoted as ends of regions: of profiles, posteriors and their limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from bayes_cevns.cards import Experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.priors import CouplingPrior, coupling_prior
from bayes_cevns.ends import CROSSING, End, Ends
from bayes_cevns.inference.profile.result import result_text
from bayes_cevns.physics.interactions import interaction as named_interaction
from bayes_cevns.studies.profile import profile, profile_scan
from bayes_cevns.summary.bands import bands, bands_of_sides
from bayes_cevns.summary.bounds import VANISHING, density_at_bounds, open_bounds
from bayes_cevns.summary.draws import WeightedDraws
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.intervals import intervals
from bayes_cevns.summary.limits import limits
from bayes_cevns.summary.regions import credible_regions
from bayes_cevns.summary.table import bound_notes

SHAPE = (4, 2000)
BOX = (-1.0, 1.0)


def fit_of(prior: CouplingPrior | None = None, **draws: np.ndarray) -> Fit:
    quality = xr.Dataset(
        {"weight": ("branch", np.ones(1)), "log_evidence_error": ("branch", np.zeros(1))}
    )
    names = ("branch", "chain", "draw")
    posterior = xr.Dataset({n: (names, v.reshape(1, *SHAPE)) for n, v in draws.items()})
    return Fit(prior, posterior, xr.Dataset(), quality)


def test_words_of_ends() -> None:
    wall, zero = End("range", "g", 2.0), End("physical", "g", 0.0)
    assert (Ends().at_bound, Ends().at_physical, Ends().bound_of) == ("", "", "")
    assert (Ends(zero, wall).at_bound, Ends(zero, wall).at_physical) == ("high", "low")
    assert (Ends(wall, wall).at_bound, Ends(wall, wall).bound_of) == ("both", "g=2")
    assert Ends(high=zero).mirrored == Ends(zero), "an end of the data stays one"
    assert Ends(zero, wall).mirrored == Ends(End("range", "g", -2.0), zero)
    assert Ends(wall, zero).shared(2) == [Ends(wall, CROSSING), Ends(CROSSING, zero)]


# Profiles: a free background b of one bin with n events: -2 ln L = 2 (b - n ln b) + constant.


def one_bin(invent: Any, name: str, events: int, highest: float) -> Experiment:
    return invent(
        name, [0, events], background=[0.0, 1.0], blind=[1],
        background_prior=f"{{ uniform = [0.0, {highest}] }}",
    )  # fmt: skip


def test_a_region_that_its_range_cuts_says_so(invent: Any) -> None:
    """Five events: the 90% region is 2.16 to 9.5, of which a prior up to 7 leaves 2.16 to 7."""
    found = profile([one_bin(invent, "cut", 5, 7.0)], parameter="cut.flat")
    (piece,) = found.intervals
    assert piece.low == pytest.approx(2.163, abs=0.005)
    assert (piece.high, piece.ends.at_bound, piece.ends.at_physical) == (7.0, "high", "")
    assert piece.ends.high == End("range", "cut.flat", 7.0)
    assert found.statistic[-1] < found.critical_value
    text = result_text(found)
    assert "open (upper end): reaches the end of the range 0 to 7" in text
    assert "uniform of its prior on the card" in text


def test_a_region_within_its_range_crosses(invent: Any) -> None:
    found = profile([one_bin(invent, "whole", 5, 20.0)], parameter="whole.flat")
    assert [piece.ends for piece in found.intervals] == [Ends()]
    assert "open" not in result_text(found)


def test_zero_is_no_fault(invent: Any) -> None:
    """No event: the region is 0 to half the critical value, and begins where counts do."""
    found = profile([one_bin(invent, "zero", 0, 20.0)], parameter="zero.flat")
    (piece,) = found.intervals
    assert piece.high == pytest.approx(found.critical_value / 2, rel=1e-3)
    assert (piece.low, piece.ends.at_bound, piece.ends.at_physical) == (0.0, "", "low")
    assert "open" not in result_text(found)


def test_tables_of_a_profile_have_their_ends(invent: Any) -> None:
    good = invent("good", [3, 1, 0, 2])
    found = profile_scan([good], interaction="scalar-universal", masses_mev=[10.0])
    (limit,), (interval,) = found.limit_rows(), found.interval_rows()
    assert limit["at_bound"] == ""
    assert (interval["low"], interval["at_bound"], interval["at_physical"]) == (0.0, "", "low")


# Posteriors.


@pytest.mark.parametrize(("sigmas", "is_open"), [(2, True), (2.6, True), (3.6, False), (6, False)])
def test_a_density_of_a_hundredth_at_the_bound_is_none(sigmas: float, is_open: bool) -> None:
    """A normal density cut at its own standard deviations: exp(-x^2 / 2) of its maximum there."""
    shares = (np.arange(8000) + 0.5) / 8000
    x = stats.truncnorm.ppf(shares, -8, sigmas)
    draws = WeightedDraws(x.reshape(1, *SHAPE), np.ones(1), np.zeros(1))
    low, high = density_at_bounds(draws, (-8.0, sigmas))
    assert low == 0.0
    assert open_bounds(draws, (-8.0, sigmas)) == (False, is_open)
    # The strip reaches inwards, where the density is higher.
    assert np.exp(-0.5 * sigmas**2) <= high + 1e-3
    assert (high >= VANISHING) == is_open


def test_a_band_of_two_couplings_that_leaves_its_box() -> None:
    """x + y = 0.3 +- 0.1: each interval ends at its own bound, and where the other is at its own.

    A third parameter, of which the data know nothing, is at its bounds and moves no other; a fourth
    that is measured ends where the data say.
    """
    rng = np.random.default_rng(1)
    x = rng.uniform(*BOX, 40000)
    y = rng.normal(0.3 - x, 0.1)
    inside = np.abs(y) < 1
    fit = fit_of(
        x=x[inside][:8000], y=y[inside][:8000],
        unknown=rng.uniform(*BOX, 8000), known=rng.normal(0.2, 0.1, 8000),
    )  # fmt: skip
    box = dict.fromkeys(("x", "y", "unknown", "known"), BOX)

    def ends(name: str, level: float) -> Ends:
        others = {other: bounds for other, bounds in box.items() if other != name}
        pieces = intervals(fit, name, level, BOX, others)
        return Ends(pieces[0].ends.low, pieces[-1].ends.high)

    for level in (0.68, 0.9, 0.95):
        assert ends("x", level) == Ends(End("range", "y", 1.0), End("range", "x", 1.0))
        assert ends("x", level).bound_of == "y=1 x=1"
        assert ends("y", level) == Ends(End("range", "x", 1.0), End("range", "y", 1.0))
        assert ends("unknown", level).bound_of == "unknown=-1 unknown=1"
        assert ends("known", level).at_bound == ""
    alone = intervals(fit, "x", 0.95, BOX)
    assert (alone[0].ends.low.kind, alone[-1].ends.high.kind) == ("crossing", "range")

    pair = credible_regions(fit, ("x", "y"), (0.68, 0.95), (BOX, BOX))
    assert [ends.high.of for ends in pair.ends] == ["x", "y"]
    assert pair.notes == [
        "the regions are cut by the bound 1 of the prior of x",
        "the regions are cut by the bound 1 of the prior of y",
    ]
    rest = credible_regions(fit, ("x", "known"), (0.95,), (BOX, BOX), {"y": BOX})
    assert rest.ends[0] == Ends(End("range", "y", 1.0), End("range", "x", 1.0))
    assert rest.ends[1].at_bound == ""


FLAT = CouplingPrior("flat", False, 0.0, 1.0, 0.0, 1.0, None)
SIGNED = CouplingPrior("flat", True, 0.0, 1.0, -1.0, 1.0, None)
LOG = CouplingPrior("log", False, 0.0, 1e-4, 0.0, 0.5 * np.log(1e4), None)


def limit_of(prior: CouplingPrior, x: np.ndarray) -> Any:
    return limits(fit_of(prior, coupling_product=x), 0.9)[0]


def test_limits_that_touch_the_end_of_the_prior() -> None:
    rng = np.random.default_rng(2)
    inside, wide = rng.exponential(0.1, 8000), rng.uniform(0.0, 1.0, 8000)
    free = limit_of(FLAT, np.minimum(inside, 0.999))
    assert (free.ends.at_bound, free.ends.at_physical, bound_notes(free)) == ("", "low", [])
    cut = limit_of(FLAT, wide)
    assert cut.ends.at_bound == "high"
    assert "does not vanish at the prior's bound 1, " in bound_notes(cut)[0]
    # A log prior holds what lies between its least coupling and the first that data exclude.
    log = limit_of(LOG, 1e-4 * 10 ** rng.uniform(0, 2, 8000))
    assert (log.ends.at_bound, log.ends.low.bound) == ("low", pytest.approx(1e-2))
    assert "lower bound 0.01" in bound_notes(log)[0]


def test_each_sign_has_its_own_end() -> None:
    """Negative couplings up to the end of the prior, positive ones well inside."""
    rng = np.random.default_rng(3)
    x = np.concatenate([-rng.uniform(0, 1, 4000), np.minimum(rng.exponential(0.05, 4000), 0.9)])
    rng.shuffle(x)
    positive, negative = limits(fit_of(SIGNED, coupling_product=x), 0.9)
    assert (positive.side, positive.ends.at_bound) == ("positive", "")
    assert (negative.side, negative.ends.at_bound, negative.ends.high.bound) == (
        "negative", "high", 1.0,
    )  # fmt: skip
    found = bands(fit_of(SIGNED, coupling_product=x), 0.95)
    assert (found[0].ends.low.kind, found[-1].ends.high.kind) == ("range", "crossing")


SIGNED_LOG = CouplingPrior("log", True, 0.0, 1e-4, *(0.5 * np.log(1e4) * np.array([-1, 1])), None)


def test_bands_of_each_sign_have_ends_of_their_own() -> None:
    """Uniform up to the prior's end below zero, and above an island besides what is near zero."""
    rng = np.random.default_rng(5)
    x = np.concatenate([
        -rng.uniform(0, 1, 4000), np.abs(rng.normal(0, 0.02, 2000)), rng.normal(0.4, 0.02, 2000),
    ])  # fmt: skip
    rng.shuffle(x)
    found = bands_of_sides(fit_of(SIGNED, coupling_product=x), 0.9)
    (below,) = found["negative"]
    assert (below.ends.at_bound, below.ends.at_physical) == ("low", "high")
    assert below.ends.low == End("range", "sqrt(|g_nu g_f|)", -1.0)
    near, island = found["positive"]
    assert (near.ends.at_bound, near.ends.at_physical) == ("", "low")
    assert island.ends == Ends()


def test_bands_of_a_sign_that_reach_its_end_in_an_island() -> None:
    """The end of the last piece alone is the prior's, whichever the sign."""
    rng = np.random.default_rng(6)
    size = np.concatenate([np.abs(rng.normal(0, 0.02, 2000)), rng.uniform(0.8, 1.0, 2000)])
    x = np.concatenate([size, -size])
    rng.shuffle(x)
    found = bands_of_sides(fit_of(SIGNED, coupling_product=x), 0.9)
    assert [band.ends.at_bound for band in found["positive"]] == ["", "high"]
    assert [band.ends.at_bound for band in found["negative"]] == ["", "low"], "from zero outwards"


def test_bands_of_a_sign_begin_at_the_least_coupling_of_a_log_prior() -> None:
    rng = np.random.default_rng(7)
    x = 1e-4 * 10 ** rng.uniform(0, 2, 8000) * rng.permutation(np.tile([-1.0, 1.0], 4000))
    found = bands_of_sides(fit_of(SIGNED_LOG, coupling_product=x), 0.9)
    (above,), (below,) = found["positive"], found["negative"]
    assert (above.ends.at_bound, above.ends.low.bound) == ("low", pytest.approx(1e-2))
    assert (below.ends.at_bound, below.ends.high.bound) == ("high", pytest.approx(-1e-2))


def test_bands_begin_at_zero_or_at_the_prior() -> None:
    rng = np.random.default_rng(4)
    x = np.abs(rng.normal(0, 0.1, 8000))
    (band,) = bands(fit_of(FLAT, coupling_product=x), 0.9)
    assert (band.ends.at_bound, band.ends.at_physical) == ("", "low")
    (band,) = bands(fit_of(LOG, coupling_product=1e-4 * 10 ** rng.uniform(0, 2, 8000)), 0.9)
    assert band.ends.at_bound == "low"


@pytest.mark.parametrize(
    ("interaction", "kind", "low", "high"),
    [
        ("scalar-universal", "flat", "physical", "range"),
        ("scalar-universal", "log", "range", "range"),
        ("vector-universal", "flat", "range", "range"),
        ("weak-mixing-angle", "flat", "physical", "physical"),
    ],
)
def test_what_the_ends_of_a_prior_are(
    invent: Any, interaction: str, kind: str, low: str, high: str
) -> None:
    new = named_interaction(interaction)
    table = RateTable(invent("good", [3, 1, 0, 2]), new)
    prior = coupling_prior(kind, [table], mass_mev=10.0 if new.has_mass else None)
    assert (prior.ends.low.kind, prior.ends.high.kind) == (low, high)
    meaningful = prior.up_to(1e3)
    assert meaningful.ends == prior.ends
