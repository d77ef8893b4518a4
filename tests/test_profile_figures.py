"""Figures: limits at a confidence level are drawn and named unlike credible ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from bayes_cevns.cards import Experiment
from bayes_cevns.errors import ArgumentError
from bayes_cevns.figures.captions import data_words, is_projection, titled
from bayes_cevns.figures.exclusion import exclusion_figure, profile_figure
from bayes_cevns.physics.interactions.coupling import UNIVERSAL
from bayes_cevns.plots.exclusion import CONFIDENCE, CREDIBLE, ExclusionRegions, exclusion
from bayes_cevns.plots.stretches import Piece
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.simulation import asimov
from bayes_cevns.studies.profile import ProfilePoint, ProfileScan, profile_scan
from bayes_cevns.studies.scan_result import Scan

KINDS = (CREDIBLE, CONFIDENCE)


def test_confidence_limits_are_dashed_and_named() -> None:
    masses, limit = np.array([1.0, 10.0]), np.array([1e-5, 2e-5])
    regions = [(Piece(0.0, float(end)),) for end in limit]
    figure = exclusion(
        [ExclusionRegions("upper", masses, regions, limit, limit, kind) for kind in KINDS],
        title="scalar",
        subtitle="data",
        level=0.9,
        coupling=UNIVERSAL,
    )
    (axes,) = figure.axes
    assert [line.get_linestyle() for line in axes.get_lines() if line.get_xdata().size > 1] == [
        "-",
        "--",
    ]
    assert words(figure) == [
        "90% credible limit",
        "excluded, 90% credible",
        "90% CL (profile) limit",
    ]
    assert len(axes.collections) == 1, "only the credible exclusion is filled"


def words(figure: Figure) -> list[str]:
    (legend,) = figure.legends
    return [text.get_text() for text in legend.get_texts()]


def test_simulated_data_exclude_nothing() -> None:
    """Dash-dotted lines, no filled side, and words that say what it is."""
    masses, limit = np.array([1.0, 10.0]), np.array([1e-5, 2e-5])
    regions = [(Piece(0.0, float(end)),) for end in limit]
    found = ExclusionRegions("upper", masses, regions, limit, limit, is_projection=True)
    figure = exclusion([found], title="", subtitle="", level=0.9, coupling=UNIVERSAL)
    (axes,) = figure.axes
    assert [line.get_linestyle() for line in axes.get_lines() if line.get_xdata().size] == ["-."]
    assert not axes.collections
    assert words(figure) == ["expected, 90% credible limit"]


def test_titles_say_that_data_are_simulated(xenonnt: Experiment) -> None:
    simulated = asimov(xenonnt)
    numbered = replace(xenonnt, data="toy:7")
    assert titled("scalar", [xenonnt]) == "scalar"
    assert titled("scalar", [simulated]) == "scalar: Asimov projection for xenonnt_cevns"
    assert titled("scalar", [numbered]) == "scalar: toy 7 for xenonnt_cevns"
    assert data_words([numbered, simulated]) == "toy 7 and Asimov projection"
    both = titled("scalar", [xenonnt, replace(simulated, name="other")])
    assert both == "scalar: observed for xenonnt_cevns, Asimov projection for other"
    assert is_projection([xenonnt, simulated])
    assert not is_projection([xenonnt])


def test_a_limit_is_drawn_where_it_is_the_edge_of_the_region_alone() -> None:
    """An island above, or zero excluded: edges, and no limit through what is allowed."""
    masses = np.array([1.0, 2.0, 3.0])
    regions = [
        (Piece(0.0, 1e-5),),
        (Piece(0.0, 1e-5), Piece(2e-5, 3e-5, is_reversed=True)),
        (Piece(0.5e-5, 1e-5),),
    ]
    limit = np.array([1e-5, np.nan, np.nan])
    found = ExclusionRegions("positive", masses, regions, limit, masses)
    figure = exclusion([found], title="", subtitle="", level=0.9, coupling=UNIVERSAL)
    (axes,) = figure.axes
    assert axes.get_title(loc="left") == r"$g_\nu g_f > 0$"
    assert words(figure) == [
        "90% credible limit",
        "90% credible region: its edges",
        "excluded, 90% credible",
        "allowed, amplitude reversed",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_end_of_a_range_is_not_drawn_as_a_limit(kind: str) -> None:
    """A triangle there, no line, and nothing filled above, also on the way to it."""
    masses = np.array([1.0, 2.0, 3.0])
    regions = [(Piece(0.0, 1e-5),)] * 2 + [(Piece(0.0, 2e-5, is_open=(False, True)),)]
    limit = np.array([1e-5, 1e-5, np.nan])
    found = ExclusionRegions("upper", masses, regions, limit, masses, kind)
    figure = exclusion([found], title="", subtitle="", level=0.9, coupling=UNIVERSAL)
    (axes,) = figure.axes
    lines = [line for line in axes.get_lines() if line.get_linestyle() != "None"]
    drawn = np.concatenate([line.get_xydata() for line in lines])
    assert set(map(tuple, drawn[np.isfinite(drawn).all(axis=1)])) == {(1.0, 1e-5), (2.0, 1e-5)}
    (mark,) = [line for line in axes.get_lines() if line.get_marker() == "^"]
    np.testing.assert_array_equal(mark.get_xydata(), [[3.0, 2e-5]])
    filled = [path.vertices[:, 0].max() for c in axes.collections for path in c.get_paths()]
    assert filled == ([2.0] if kind == CREDIBLE else [])
    text = {CREDIBLE: "end of the prior's range", CONFIDENCE: "end of the range of the profile"}
    assert words(figure)[-1].startswith("open: ")
    assert words(figure)[-1].endswith(text[kind])


def test_a_region_that_is_open_everywhere_excludes_nothing() -> None:
    regions = [(Piece(0.0, 1e-5, is_open=(False, True)),)] * 2
    masses = np.array([1.0, 2.0])
    found = ExclusionRegions("upper", masses, regions, np.full(2, np.nan), masses)
    figure = exclusion([found], title="", subtitle="", level=0.9, coupling=UNIVERSAL)
    assert words(figure) == ["open: set by the end of the prior's range"]
    assert not figure.axes[0].collections


def test_figure_of_a_profile_scan(xenonnt: Experiment) -> None:
    found = profile_scan([xenonnt], interaction="vector-universal", masses_mev=[1.0, 10.0])
    found.points.append(ProfilePoint(100.0, None, "no minimum"))
    assert found.limit_rows()[-1]["passed"] is False
    figure = profile_figure(found)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        r"$g_\nu g_f > 0$",
        r"$g_\nu g_f < 0$",
    ]
    labels = words(figure)
    assert labels[0].startswith("90% CL (profile)")
    assert {"fit failed (profile)", "allowed, amplitude reversed"} <= set(labels)
    assert not any("credible" in label for label in labels)
    positive = found.points[0].result
    assert positive is not None
    near, far = positive.limits[0].region
    assert (near.low, far.high) == (0.0, positive.limits[0].value)
    assert not positive.limits[0].zero_excluded


def test_only_limits_of_the_same_question_are_drawn_together(xenonnt: Experiment) -> None:
    credible = Scan(ModelSpec.of([xenonnt], interaction="b-l"), 0.9, 1)
    spec = ModelSpec.of([xenonnt], interaction="scalar-universal")
    other = ProfileScan(spec, 0.9)
    with pytest.raises(ArgumentError, match="same interaction, experiments and level"):
        exclusion_figure(credible, other)
    higher = ProfileScan(credible.spec, 0.95)
    with pytest.raises(ArgumentError, match=r"level 0\.9 cannot .* level 0\.95"):
        exclusion_figure(credible, higher)
