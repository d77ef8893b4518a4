"""Figures: limits at a confidence level are drawn and named unlike credible ones."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.errors import ArgumentError
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.profile import ProfileRequest
from bayes_cevns.inference.profile_scan import ProfilePoint, ProfileScan, profile_scan
from bayes_cevns.inference.scan import Scan
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.physics.interactions.coupling import UNIVERSAL
from bayes_cevns.plots.exclusion import ExclusionCurve, exclusion
from bayes_cevns.report import exclusion_figure, profile_figure
from bayes_cevns.specification import ModelSpec


def test_confidence_limits_are_dashed_and_named() -> None:
    masses, limit = np.array([1.0, 10.0]), np.array([1e-5, 2e-5])
    figure = exclusion(
        [ExclusionCurve("upper", masses, limit), ExclusionCurve("upper", masses, limit, "CL")],
        title="scalar",
        subtitle="data",
        level=0.9,
        coupling=UNIVERSAL,
    )
    (axes,) = figure.axes
    drawn = {line.get_label(): line.get_linestyle() for line in axes.get_lines()}
    assert drawn["90% credible"] == "-"
    assert drawn["90% CL (profile)"] == "--"
    assert len(axes.collections) == 1, "only the credible exclusion is filled"


def test_figure_of_a_profile_scan(xenonnt: Experiment) -> None:
    found = profile_scan([xenonnt], interaction="vector-universal", masses_mev=[1.0, 10.0])
    found.points.append(ProfilePoint(100.0, None, "no minimum"))
    assert found.limit_rows()[-1]["passed"] is False
    (axes,) = profile_figure(found).axes
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels[0].startswith("90% CL (profile)")
    assert "fit failed" in labels
    assert not any("credible" in label for label in labels)


def test_only_limits_of_the_same_question_are_drawn_together(xenonnt: Experiment) -> None:
    credible = Scan(ModelSpec.of([xenonnt], interaction="b-l"), 0.9, 1, SamplerSettings())
    spec = ModelSpec.of([xenonnt], interaction="scalar-universal")
    other = ProfileScan(spec, ProfileRequest(0.9, None, "wilks", 500, 1))
    with pytest.raises(ArgumentError, match="same interaction, experiments and level"):
        exclusion_figure(credible, other)
    higher = ProfileScan(credible.spec, ProfileRequest(0.95, None, "wilks", 500, 1))
    with pytest.raises(ArgumentError, match=r"level 0\.9 cannot .* level 0\.95"):
        exclusion_figure(credible, higher)
