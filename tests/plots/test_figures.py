"""Every figure with the longest titles, at the widths of one and two columns, as it is rendered."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.physics.interactions import interactions as catalogue
from bayes_cevns.plots import ranks_and_coverage as calibration
from bayes_cevns.plots import style
from bayes_cevns.plots.bayes_factors import ComparedModel, comparison
from bayes_cevns.plots.corner import corner
from bayes_cevns.plots.coupling_planes import PlaneRegions, coupling_planes
from bayes_cevns.plots.credible_region import Box, credible_region
from bayes_cevns.plots.exclusion import CONFIDENCE, ExclusionRegions, exclusion
from bayes_cevns.plots.expected_limits import ASIMOV, OBSERVED, ExpectedCurve, sensitivity
from bayes_cevns.plots.layout import blank, finish
from bayes_cevns.plots.mixing_angle import MeasuredAngle, mixing_angles
from bayes_cevns.plots.neutron_radii import MeasuredRadius, neutron_radii
from bayes_cevns.plots.observable_spectrum import ObservedSpectrum, observable_spectrum
from bayes_cevns.plots.overlay import overlay
from bayes_cevns.plots.prior_posterior import RateDraws, prior_posterior
from bayes_cevns.plots.published import PublishedCurve
from bayes_cevns.plots.replicas import predictions
from bayes_cevns.plots.spectra import spectra
from bayes_cevns.plots.stretches import Piece
from bayes_cevns.storage.resources import models_dir
from bayes_cevns.summary.predictive_checks import ObservablePrediction


def longest_titles(count: int) -> str:
    """Return the longest titles of experiments, as a subtitle has them."""
    cards = [tomllib.loads(path.read_text()) for path in sorted(models_dir().glob("*.toml"))]
    titles = sorted((card["title"] for card in cards), key=len, reverse=True)
    return " + ".join(titles[:count])


@dataclass(frozen=True)
class Case:
    """Of how many experiments, how wide, and whether the data are simulated."""

    width: float
    count: int
    is_projection: bool

    @property
    def title(self) -> str:
        title = max((known.title for known in catalogue().values()), key=len)
        if not self.is_projection:
            return title
        names = " + ".join(["pandax4t_paired"] * self.count)
        return f"{title}, 1000 MeV: Asimov projection for {names}"

    @property
    def subtitle(self) -> str:
        prior = f"prior flat in ${VECTOR.amplitude_latex}$"
        return f"{longest_titles(self.count)}; {prior}; 1000 prior-predictive toys"


MASSES = np.geomspace(0.1, 1000.0, 9)
GROWTH = np.sqrt(1.0 + (MASSES / 10.0) ** 2)
LEVELS = (0.68, 0.9, 0.95)
VECTOR = interaction("vector-universal").coupling


def region_of(kind: str, side: str, *, is_projection: bool = False) -> ExclusionRegions:
    """A region with an island at low masses, one that is lifted off zero, and a failed fit."""
    island = side == "positive"
    regions: list[tuple[Piece, ...] | None] = []
    for number, unit in enumerate(1e-5 * GROWTH):
        pieces = [Piece(0.0, unit)] if number < 6 else [Piece(0.7 * unit, unit)]
        if island and number < 5:
            pieces.append(Piece(2.0 * unit, 2.5 * unit, is_reversed=True))
        regions.append(tuple(pieces))
    regions[2] = None
    whole = [r is not None and len(r) == 1 and r[0].low == 0 for r in regions]
    limit = np.where(whole, 1e-5 * GROWTH, np.nan)
    return ExclusionRegions(side, MASSES, regions, limit, GROWTH, kind, is_projection)


def open_region_of(kind: str, side: str, *, is_projection: bool = False) -> ExclusionRegions:
    """One that the prior cuts: at high masses, at both ends of a band, and of an island."""
    unit = 1e-5 * GROWTH
    regions: list[tuple[Piece, ...] | None] = [(Piece(0.0, one),) for one in unit]
    regions[6:] = [(Piece(0.0, one, is_open=(False, True)),) for one in unit[6:]]
    regions[0] = (Piece(0.5 * unit[0], unit[0], is_open=(True, False)),)
    if side == "positive":
        for number in (1, 2):
            island = Piece(2.0 * unit[number], 3.0 * unit[number], True, (False, True))
            regions[number] = (Piece(0.0, unit[number]), island)
    closed = [r is not None and len(r) == 1 and not any(r[0].is_open) for r in regions]
    limit = np.where(closed, unit, np.nan)
    return ExclusionRegions(side, MASSES, regions, limit, GROWTH, kind, is_projection)


def draw_open_exclusion(case: Case) -> Figure:
    return draw_exclusion(case, open_region_of)


def draw_exclusion(case: Case, region_of: Callable[..., ExclusionRegions] = region_of) -> Figure:
    sides = ["upper"] if case.count == 1 else ["positive", "negative"]
    kinds = ["credible"] if case.count == 1 else ["credible", CONFIDENCE]
    found = [
        region_of(kind, side, is_projection=case.is_projection) for kind in kinds for side in sides
    ]
    return exclusion(
        found,
        title=case.title,
        subtitle=case.subtitle,
        level=0.9,
        coupling=VECTOR,
        width_in=case.width,
    )


def draw_open_sensitivity(case: Case) -> Figure:
    return draw_sensitivity(case, MASSES > 200.0)


def draw_sensitivity(case: Case, is_open: np.ndarray = MASSES < 0.0) -> Figure:
    def curve(side: str) -> ExpectedCurve:
        quantiles = {s: 1e-5 * GROWTH * (1 + 0.1 * s) for s in (-2, -1, 0, 1, 2)}
        limits = {OBSERVED: 1.1e-5 * GROWTH, ASIMOV: 1e-5 * GROWTH}
        closed = [np.where(is_open, np.nan, limit) for limit in limits.values()]
        beyond = {name: np.where(is_open, limit, np.nan) for name, limit in limits.items()}
        return ExpectedCurve(side, MASSES, quantiles, *closed, beyond)

    sides = ["upper"] if case.count == 1 else ["positive", "negative"]
    data = " and ".join(["toy 1234567"] * case.count) if case.is_projection else "observed"
    return sensitivity(
        [curve(side) for side in sides],
        title=case.title,
        subtitle=case.subtitle,
        level=0.9,
        coupling=VECTOR,
        data=data,
        width_in=case.width,
    )


def draw_open_region(case: Case) -> Figure:
    return draw_region(case, 0.1, ((-1.0, 1.0), (-1.0, 1.0)))


def draw_region(case: Case, along: float = 1.0, box: Box = ((None, None), (None, None))) -> Figure:
    x = np.linspace(-1, 1, 60)
    density = np.exp(-8 * (x[:, None] + x) ** 2 - along * (x[:, None] - x) ** 2)
    cuts = density.max() * np.array([0.5, 0.2, 0.1])
    return credible_region(
        x,
        x,
        density,
        cuts,
        levels=LEVELS,
        labels=(r"$\varepsilon_{\mu \tau}^{u}$", r"$\varepsilon_{\mu \tau}^{d}$"),
        title=case.title,
        subtitle=case.subtitle,
        box=box,
        is_projection=case.is_projection,
        width_in=case.width,
    )


def draw_comparison(case: Case) -> Figure:
    models = [
        ComparedModel(
            name,
            0.5 - i,
            0.1,
            -1.0 - i,
            0.5,
            np.geomspace(1e-6, 1e-4, 5),
            np.linspace(1, -2, 5) - i,
        )
        for i, name in enumerate(sorted(catalogue(), key=len)[-case.count :])
    ]
    return comparison(
        models,
        reference="sm",
        title=case.title,
        subtitle=case.subtitle,
        is_projection=case.is_projection,
        width_in=case.width,
    )


def predicted(experiment: str, label: str, edges: np.ndarray | None, bins: int) -> object:
    middle = np.linspace(300.0, 5.0, bins)
    quantiles = middle + np.outer([-2, -1, 0, 1, 2], np.sqrt(middle))
    return ObservablePrediction(experiment, "bins", label, edges, middle + 2, quantiles, 0.0123)


def draw_predictive(case: Case) -> Figure:
    observables = [
        ("number of the bin of cs2 and s2_shadow and s1_bdt and s2_bdt, run after run", None, 243),
        ("cs2, number of the bin (each run has its own edges)", None, 3),
        ("ionisation energy [keV]", np.linspace(0.2, 1.5, 131), 130),
        ("S2 [PE]", np.geomspace(1.0, 1e4, 8), 7),
    ]
    found = {
        name: [
            predicted(f"pandax4t_paired{i}", *observable)
            for i in range(case.count)
            for observable in observables[: 4 // case.count + 1]
        ]
        for name in ("sm", "l_mu-l_tau-photon")
    }
    data = "toy 1234567" if case.is_projection else "observed"
    return predictions(
        found, title=case.title, subtitle=case.subtitle, data=data, width_in=case.width
    )


def draw_priors(case: Case) -> Figure:
    random = np.random.default_rng(1)
    rates = {
        name: RateDraws(random.uniform(0, 4000, 2000), random.normal(300, 20, 2000))
        for name in ("flat", "flat-rate", "log")
    }
    return prior_posterior(
        rates,
        standard=290.0,
        title=case.title,
        subtitle=case.subtitle,
        is_projection=case.is_projection,
        width_in=case.width,
    )


def draw_ranks(case: Case) -> Figure:
    points = np.linspace(0, 1, 30)
    curves = [
        calibration.RankCurve(f"xenonnt_electronic_recoils.accidental_{i}[sr{i}]", points, 0.1 * i)
        for i in range(6)
    ]
    band = (np.maximum(points - 0.1, 0), np.minimum(points + 0.1, 1))
    return calibration.rank_ecdf(
        curves,
        points=points,
        band=band,
        title=case.title,
        subtitle=case.subtitle,
        width_in=case.width,
    )


def draw_coverage(case: Case) -> Figure:
    level = np.array([0.68, 0.9, 0.95])
    curves = [
        calibration.CoverageCurve(truth, kind, level, level - 0.02, 0.01 + 0 * level)
        for truth in ("Standard Model: 0, 400 toys", "at the 90% limit: 1.23e-05, 400 toys")
        for kind in ("limit", "central", "region")
    ]
    return calibration.coverage(
        curves, title=case.title, subtitle=case.subtitle, width_in=case.width
    )


def draw_overlay(case: Case) -> Figure:
    sides = ["upper"] if case.count == 1 else ["positive", "negative"]
    runs = ["pandax4t_paired", "coherent_csi", "pandax4t_paired + coherent_csi"]
    found = [
        replace(region_of("credible", side, is_projection=case.is_projection), label=run)
        for run in runs[: case.count + 1]
        for side in sides
    ]
    return overlay(
        found,
        title=case.title,
        subtitle=case.subtitle,
        coupling_label=VECTOR.label,
        sides={side: side for side in sides},
        combined=runs[2:],
        width_in=case.width,
    )


def draw_planes(case: Case) -> Figure:
    x = np.linspace(-1, 1, 60)
    found = []
    for place in range(case.count):
        along = 8.0 / (1 + place)
        density = np.exp(-along * (x[:, None] + x) ** 2 - (x[:, None] - x) ** 2 * (1 + place))
        cuts = density.max() * np.array([0.5, 0.2, 0.1])
        found.append(PlaneRegions(f"pandax4t_{place}", x, x, density, cuts, case.is_projection))
    return coupling_planes(
        found,
        levels=LEVELS,
        labels=(r"$\varepsilon_{ee}^{u}$", r"$\varepsilon_{ee}^{d}$"),
        title=case.title,
        subtitle=case.subtitle,
        width_in=case.width,
    )


def draw_spectrum(case: Case) -> Figure:
    edges = np.geomspace(1.0, 100.0, 8) if case.count > 1 else np.arange(8) - 0.5
    counts = np.linspace(40.0, 4.0, 7)
    observed = np.round(1.4 * counts)
    found = ObservedSpectrum(
        "ionisation energy [keV]",
        edges,
        observed,
        observed - np.sqrt(observed),
        observed + np.sqrt(observed),
        {f"background {i}": counts / case.count for i in range(case.count)}
        | {"signal": counts / 3},
        {"a benchmark of a new interaction": 2.0 * counts},
        np.outer([1.1, 1.2, 1.5, 1.6], counts),
        "keV" if case.count > 1 else "",
    )
    data = "toy 1234567" if case.is_projection else "observed"
    return observable_spectrum(
        found, title=case.title, subtitle=case.subtitle, data=data, width_in=case.width
    )


def draw_spectra(case: Case) -> Figure:
    energy = np.geomspace(0.01, 10.0, 50)
    rates = {f"shell {i}": np.exp(-energy * (1 + i)) for i in range(4 * case.count)}
    return spectra(
        energy,
        rates,
        energy_label="detected energy, electron equivalent [keV]",
        rate_label="events in a tonne, year and keV",
        title=case.title,
        subtitle=case.subtitle,
        total=np.sum(list(rates.values()), axis=0),
        width_in=case.width,
    )


def draw_corner(case: Case) -> Figure:
    random = np.random.default_rng(1)
    names = [f"ac[sr{i}]" for i in range(case.count + 1)]
    draws = {name: random.normal(1, 0.1, 3000) for name in names}
    return corner(draws, title=case.title, subtitle=case.subtitle, width_in=case.width)


def draw_radii(case: Case) -> Figure:
    found = [
        MeasuredRadius(f"{i + 2017}", "CsI" if i % 2 else "Ar", 5.0, 4.0, 6.0, i == 2)
        for i in range(2 * case.count)
    ]
    return neutron_radii(found, title=case.title, subtitle=case.subtitle, width_in=case.width)


def draw_angles(case: Case) -> Figure:
    scale = np.geomspace(0.03, 1e3, 50)
    found = [
        MeasuredAngle(f"COHERENT CsI {i}", (30.0, 40.0 + i, 60.0), 0.23, 0.2, 0.26, i == 1)
        for i in range(case.count)
    ]
    return mixing_angles(
        found,
        momentum_transfer_mev=scale,
        standard_model=0.238 + 0 * scale,
        title=case.title,
        subtitle=case.subtitle,
        width_in=case.width,
    )


FIGURES: dict[str, Callable[[Case], Figure]] = {
    "overlay": draw_overlay,
    "planes": draw_planes,
    "spectrum": draw_spectrum,
    "spectra": draw_spectra,
    "corner": draw_corner,
    "radii": draw_radii,
    "angles": draw_angles,
    "exclusion": draw_exclusion,
    "exclusion with open ends": draw_open_exclusion,
    "sensitivity": draw_sensitivity,
    "sensitivity with open ends": draw_open_sensitivity,
    "region": draw_region,
    "region with open ends": draw_open_region,
    "comparison": draw_comparison,
    "predictive": draw_predictive,
    "priors": draw_priors,
    "ranks": draw_ranks,
    "coverage": draw_coverage,
}


@pytest.mark.parametrize(("count", "is_projection"), [(1, False), (2, True), (4, True)])
@pytest.mark.parametrize("width", [style.COLUMN, style.PAGE])
@pytest.mark.parametrize("name", FIGURES)
def test_text_of_figures_is_whole_and_axes_have_room(
    name: str, width: float, count: int, is_projection: bool, check: Callable[[Figure], None]
) -> None:
    """Warnings are errors in all tests: those of a layout that did not work among them."""
    figure = FIGURES[name](Case(width, count, is_projection))
    assert figure.get_size_inches()[0] == width
    check(figure)


def draw_published(case: Case) -> Figure:
    mass = np.geomspace(0.5, 100.0, 20)
    curves = [
        PublishedCurve("open above", mass, 2e-6 * mass, np.full(20, np.inf)),
        PublishedCurve("an area", mass[8:], 1e-7 + 0 * mass[8:], 1e-5 / mass[8:]),
    ]
    return overlay(
        [replace(region_of("credible", "upper"), label="pandax4t_paired")],
        title=case.title,
        subtitle=case.subtitle,
        coupling_label=VECTOR.label,
        sides={"upper": ""},
        published={"upper": curves},
        width_in=case.width,
    )


#: Root-mean-square difference of 0 to 255 of an image: the same figure by another version of
#: FreeType is 1 or 2; a line that moves by its width, or words that change, 5 and more.
TOLERANCE = 3.0


@pytest.mark.parametrize("name", [*FIGURES, "published"])
@pytest.mark.mpl_image_compare(
    baseline_dir="baseline", tolerance=TOLERANCE, savefig_kwargs={"dpi": 60}, style="default"
)
def test_figures_look_as_before(name: str) -> Figure:
    """Make new ones with --mpl-generate-path=tests/plots/baseline, and look at them."""
    with style.applied():
        return (FIGURES | {"published": draw_published})[name](Case(style.COLUMN, 2, False))


def test_images_are_compared_in_this_run(request: pytest.FixtureRequest) -> None:
    """Without its option pytest-mpl throws each figure away, and its test passes."""
    assert request.config.getoption("--mpl")


@pytest.mark.parametrize("width", [1.0, 0.0, -3.4, np.nan, np.inf])
def test_a_width_without_room_for_text_is_refused(width: float) -> None:
    with pytest.raises(ArgumentError, match=r"width of a figure of 2\.5 inches or more"):
        blank(width)


def test_the_check_finds_what_is_wrong(check: Callable[[Figure], None]) -> None:
    """Text that runs out of the canvas, covers other text or takes the room of the axes."""
    figure = Figure(figsize=(3.4, 3.0), layout="constrained")
    axes = figure.subplots()
    check(figure)
    beside = figure.text(0.5, 0.5, "in the axes")
    with pytest.raises(AssertionError, match="is in the axes"):
        check(figure)
    beside.remove()
    axes.set_title(
        "a title that is far too long for a figure of the width of one column of a paper"
    )
    with pytest.raises(AssertionError, match="leaves the canvas"):
        check(figure)
    axes.set_title("")
    axes.set_xlabel("one")
    figure.text(0.5, 0.02, "another one")
    with pytest.raises(AssertionError, match="covers"):
        check(figure)


def test_a_figure_that_a_notebook_cuts_keeps_its_heading_and_legend() -> None:
    figure = blank(5.0, 2.0)
    (line,) = figure.subplots().plot([1, 2], [1, 2])
    finish(figure, "A heading", "and what is below it", [(line, "a line")])
    figure.draw_without_rendering()
    kept = figure.get_tightbbox()
    assert kept.bounds == pytest.approx((0.0, 0.0, *figure.get_size_inches()), abs=0.01)
