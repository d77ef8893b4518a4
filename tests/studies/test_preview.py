"""The study of previews: marked as approximate wherever it is seen, and asked for like a scan."""

from __future__ import annotations

import csv
import io
import math

import pytest

import bayes_cevns as bc
from bayes_cevns.errors import ArgumentError
from bayes_cevns.studies.analysis_file import study_of
from bayes_cevns.studies.preview import METHOD, Preview, PreviewStudy
from bayes_cevns.studies.scan import ScanStudy
from tests.studies.examples import EXAMPLES, EXPERIMENT

ASKED = {"experiments": [EXPERIMENT], "interaction": "scalar-universal"}


@pytest.fixture(scope="module")
def found() -> Preview:
    return bc.preview([EXPERIMENT], **EXAMPLES["preview"])


def test_everything_says_that_it_is_approximate(found: Preview) -> None:
    for text in found.tables().values():
        rows = list(csv.DictReader(io.StringIO(text)))
        assert {row["method"] for row in rows} == {METHOD}
    assert found.report()["method"] == METHOD
    assert "approximate" in found.lines()[0]
    figure = bc.plot(found)["exclusion"]
    assert any(METHOD in text.get_text() for text in figure.findobj(match=_has_text))
    assert isinstance(found.at_level(0.5), Preview)
    assert found.at_level(0.5).points[0].limits[0].value < found.points[0].limits[0].value


def _has_text(artist: object) -> bool:
    return hasattr(artist, "get_text")


def test_limits_have_no_monte_carlo_error(found: Preview) -> None:
    assert math.isnan(found.points[0].limits[0].mc_error)
    assert "mc_error" not in found.tables()["limits.csv"].partition("\n")[0]


def test_ratios_of_priors_are_those_of_previews_with_them(found: Preview) -> None:
    other = bc.preview([EXPERIMENT], **EXAMPLES["preview"], prior="log")
    for flat, log in zip(found.points, other.points, strict=True):
        ratio = log.limits[0].value / flat.limits[0].value
        assert flat.prior_ratios["log"][0] == pytest.approx(ratio, rel=5e-3)


def test_a_scan_with_preview_is_a_preview() -> None:
    words = {**ASKED, "masses_mev": [1.0, 10.0], "settings": {"draws": 50}, "cross_check": True}
    found = study_of({"study": "scan", **words, "preview": True})
    assert found.request() == study_of({"study": "preview", **words}).request()
    assert isinstance(found, PreviewStudy)
    assert isinstance(study_of({"study": "scan", **words, "preview": False}), ScanStudy)
    with pytest.raises(ArgumentError, match=r"call bayes_cevns\.preview"):
        ScanStudy(**ASKED, masses_mev=[1.0], preview=True)


def test_an_interaction_without_a_mediator_has_one_point() -> None:
    found = bc.preview([EXPERIMENT], interaction="magnetic-moment")
    (row,) = found.limit_rows()
    assert row["mass_mev"] == ""
    assert not any("nan" in line for line in found.lines())
    assert bc.plot(found) == {}


def test_the_standard_model_has_nothing_to_preview() -> None:
    with pytest.raises(ArgumentError, match="follows the posterior along one coupling"):
        PreviewStudy(experiments=[EXPERIMENT], interaction="sm")
