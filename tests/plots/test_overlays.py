"""Several runs in one figure: what may stand together, what is drawn, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

import bayes_cevns as bc
from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.errors import ArgumentError
from bayes_cevns.figures.catalogue import save_figure
from bayes_cevns.figures.together import together
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import asimov
from bayes_cevns.studies.profile import ProfilePoint, ProfileScan
from bayes_cevns.studies.scan_result import Scan, ScanPoint
from bayes_cevns.summary.fit import Fit

SHAPE = (1, 4, 500)
MASSES = (1.0, 10.0, 100.0)


def fit_of(scale: float, *, signed: bool, passed: bool) -> Fit:
    """Draws that fall well within the range of a flat prior of x."""
    one, end = np.ones(1), 1e-8 * scale
    prior = CouplingPrior("flat", signed, 0.0, end, -1.0 if signed else 0.0, 1.0, None)
    draws = np.random.default_rng(1).exponential(0.05 * end, SHAPE)
    if signed:
        draws = draws * np.random.default_rng(2).choice([-1, 1], SHAPE)
    quality = {
        "weight": one,
        "log_evidence_error": 0 * one,
        "passed": np.array([passed]),
        **dict.fromkeys(("rhat", "ess_bulk", "ess_tail", "divergences"), one),
    }
    posterior = {"coupling_product": (("branch", "chain", "draw"), draws)}
    data = xr.Dataset({name: ("branch", values) for name, values in quality.items()})
    return Fit(prior, xr.Dataset(posterior), xr.Dataset(), data)


def scan(
    *experiments: Experiment,
    interaction: str = "b-l",
    prior: str = "flat",
    level: float = 0.9,
    failed: tuple[float, ...] = (),
) -> Scan:
    spec = ModelSpec.of(list(experiments), interaction=interaction, prior=prior)
    points = [
        ScanPoint(mass, fit_of(mass, signed=spec.signed, passed=mass not in failed), level, {})
        for mass in MASSES
    ]
    return Scan(spec, level, 1, points)


def words(figure: Figure) -> list[str]:
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


@pytest.fixture(scope="module")
def csi() -> Experiment:
    return bc.experiment("coherent_csi")


def test_runs_have_a_line_each(xenonnt: Experiment, csi: Experiment) -> None:
    both = scan(xenonnt, csi)
    figure = bc.overlay_figure([scan(xenonnt), scan(csi), both])
    (axes,) = figure.axes
    lines = [line for line in axes.get_lines() if line.get_xdata().size > 5]
    assert len({line.get_color() for line in lines}) == len({x.get_linestyle() for x in lines}) == 3
    assert words(figure) == ["xenonnt_cevns", "coherent_csi", "xenonnt_cevns + coherent_csi"]
    assert lines[2].get_linewidth() > lines[0].get_linewidth(), "the joint fit is thicker"
    limits = [point.limits[0].value for point in both.points]
    drawn = dict(zip(*map(list, lines[2].get_data()), strict=True))
    np.testing.assert_allclose([drawn[mass] for mass in MASSES], limits, rtol=1e-12)


def test_labels_of_a_user(xenonnt: Experiment, csi: Experiment) -> None:
    runs = [scan(xenonnt), scan(csi)]
    assert words(bc.overlay_figure(runs, labels=["a", "b"])) == ["a", "b"]
    with pytest.raises(ArgumentError, match=r"one label for each of 2 results, got \['a'\]"):
        bc.overlay_figure(runs, labels=["a"])


def test_a_run_that_failed_is_marked_and_no_limit(xenonnt: Experiment, csi: Experiment) -> None:
    figure = bc.overlay_figure([scan(xenonnt, failed=MASSES), scan(csi, failed=(10.0,))])
    assert words(figure) == [
        "fit failed: xenonnt_cevns, at every mass",
        "coherent_csi",
        "fit failed: coherent_csi",
    ]
    (axes,) = figure.axes
    crosses = [line for line in axes.get_lines() if line.get_marker() == "x"]
    assert [list(line.get_xdata()) for line in crosses] == [list(MASSES), [10.0]]
    drawn = [line for line in axes.get_lines() if line.get_linestyle() not in ("None", "none")]
    for line in drawn:
        seen = line.get_xdata()[np.isfinite(np.asarray(line.get_ydata(), dtype=float))]
        assert 10.0 not in seen


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"level": 0.95}, "levels: xenonnt_cevns .* has 90%, .* has 95%"),
        ({"prior": "log"}, "priors: .* uniform in g_BL.2, .* uniform in log g_BL"),
        ({"interaction": "vector-universal"}, "couplings: .*g_BL.*g_nu g_f"),
    ],
)
def test_what_differs_is_refused_unless_asked(
    xenonnt: Experiment, other: dict[str, object], said: str
) -> None:
    runs = [scan(xenonnt), scan(xenonnt, **other)]
    with pytest.raises(ArgumentError, match=f"one figure would mix {said}") as caught:
        bc.overlay_figure(runs)
    assert "--mixed" in str(caught.value)
    figure = bc.overlay_figure(runs, mixed=True)
    assert len([text for text in words(figure) if ";" in text]) == 2, "each says what it is"


def test_credible_and_confidence_limits_are_refused(xenonnt: Experiment) -> None:
    profile = ProfileScan(scan(xenonnt).spec, 0.9, [ProfilePoint(1.0, None, "no minimum")])
    with pytest.raises(ArgumentError, match=r"mix kinds: .* has credible, .* has CL"):
        bc.overlay_figure([scan(xenonnt), profile])


def test_observed_and_simulated_data_are_refused(xenonnt: Experiment) -> None:
    with pytest.raises(
        ArgumentError, match=r"mix kinds of data: .* observed, .* Asimov projection"
    ):
        bc.overlay_figure([scan(xenonnt), scan(asimov(xenonnt))])


def test_published_limits_are_drawn_where_they_hold(xenonnt: Experiment) -> None:
    """B-L on electrons is a universal vector of positive sign: nothing in the other panel."""
    run = scan(xenonnt, interaction="vector-universal")
    figure = bc.overlay_figure([run], published="all")
    names = [[text.get_text() for text in axes.texts] for axes in figure.axes]
    assert names[0]
    assert set(names[0]) <= {"Borexino", "TEXONO", "CHARM-II"}
    assert names[1] == []
    assert words(figure)[-1] == "published by others, at the confidence of each"


def test_a_published_limit_on_another_coupling_is_refused(xenonnt: Experiment) -> None:
    with pytest.raises(ArgumentError, match=r"hidden-photon\.na64_2019 limits eps .* no exact"):
        bc.overlay_figure([scan(xenonnt)], published=["hidden-photon.na64_2019"])


def test_axes_of_a_user_are_drawn_into(xenonnt: Experiment) -> None:
    figure = Figure()
    one, two = figure.subplots(1, 2)
    found = bc.overlay_figure([scan(xenonnt, interaction="vector-universal")], ax=[one, two])
    assert found is figure
    assert one.get_lines()
    assert two.get_lines()
    assert two.get_legend() is not None
    assert not figure.legends
    with pytest.raises(ArgumentError, match="expected ax: 2 matplotlib Axes, one a panel, got 1"):
        bc.overlay_figure([scan(xenonnt, interaction="vector-universal")], ax=one)
    with pytest.raises(ArgumentError, match="expected ax: one matplotlib Axes, got 'x'"):
        bc.exclusion_figure(scan(xenonnt), ax="x")  # type: ignore[arg-type]


def test_a_style_of_matplotlib(xenonnt: Experiment) -> None:
    before = dict(mpl.rcParams)
    figure = bc.exclusion_figure(scan(xenonnt), style={"axes.facecolor": "#ffeecc"})
    assert figure.axes[0].get_facecolor() == mpl.colors.to_rgba("#ffeecc")
    assert dict(mpl.rcParams) == before
    with pytest.raises(ArgumentError, match="expected style: the name of a style of matplotlib"):
        bc.exclusion_figure(scan(xenonnt), style="no such style")


def test_a_figure_needs_no_latex_and_no_font(xenonnt: Experiment, tmp_path) -> None:
    """What a user has asked of matplotlib for their own figures does not break ours."""
    with mpl.rc_context({"text.usetex": True, "font.family": "No Such Font"}):
        figure = bc.overlay_figure([scan(xenonnt)])
        paths = save_figure(figure, tmp_path, "overlay", ("png", "pdf", "svg"))
    assert all(path.stat().st_size > 1000 for path in paths)


def test_other_results_are_refused(xenonnt: Experiment) -> None:
    with pytest.raises(ArgumentError, match="expected scans, previews, profiles over masses"):
        together([scan(xenonnt), 5])  # type: ignore[list-item]
    empty = replace(scan(xenonnt), points=[])
    with pytest.raises(ArgumentError, match="a result without a finished mass"):
        bc.overlay_figure([empty])
