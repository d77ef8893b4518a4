"""Every card with a likelihood has ranks of truths in validation/calibration, and they are uniform.

The ranks were made by ``make calibration``, hours of fits; here the tables that are kept of them
are compared with each other and with what a study has to pass.
"""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from pathlib import Path

import pytest

import bayes_cevns as bc
from bayes_cevns.cards.loading import experiment_names
from bayes_cevns.studies.calibration.simulated import with_whole_counts
from bayes_cevns.studies.identity import content_digest

FOLDER = Path(__file__).parents[2] / "validation" / "calibration"

#: One fit in fifty may be refused by its gate; a posterior that is refused is not quoted.
MOST_REFUSED = 0.02


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


SUMMARY = {row["study"]: row for row in rows_of(FOLDER / "summary.csv")}
RANKS = [name for name, row in SUMMARY.items() if row["kind"] == "ranks"]
SCALAR = "scalar-universal"
COVERAGE = [name for name, row in SUMMARY.items() if row["kind"] == "coverage"]


@pytest.mark.parametrize("name", experiment_names())
def test_every_card_has_ranks_of_a_thousand_fits(name: str) -> None:
    row = SUMMARY[name]
    assert (row["kind"], row["experiments"]) == ("ranks", name)
    assert int(row["fits"]) >= 1000
    if row["passed"] == "true":
        assert f"{name}_again" not in SUMMARY
    else:
        # One in twenty fails by chance: then other truths pass, three times as many.
        again = SUMMARY[f"{name}_again"]
        assert (again["experiments"], again["passed"]) == (name, "true")
        assert int(again["fits"]) >= 3000


@pytest.mark.parametrize("name", experiment_names())
def test_every_card_has_a_coverage(name: str) -> None:
    row = SUMMARY[f"{name}_coverage"]
    assert (row["kind"], row["experiments"]) == ("coverage", name)


@pytest.mark.parametrize("name", RANKS)
def test_ranks_are_uniform(name: str) -> None:
    row, ranks = SUMMARY[name], rows_of(FOLDER / name / "ranks.csv")
    failed = [one for one in ranks if one["passed"] != "True"]
    assert (int(row["fits"]), int(row["failed"])) == (len(ranks), len(failed))
    assert all(one["reason"] for one in failed)
    assert len(failed) <= MOST_REFUSED * len(ranks)
    tested = rows_of(FOLDER / name / "uniformity.csv")
    assert int(row["quantities"]) == len(tested)
    least = min(float(one["p_value"]) for one in tested)
    assert float(row["least_p_value"]) == pytest.approx(least, abs=1e-4)
    assert (row["passed"] == "true") == (least > 0.05 / len(tested))
    assert row["passed"] == "true" or f"{name}_again" in SUMMARY


@pytest.mark.parametrize("name", COVERAGE)
def test_a_coverage_is_that_of_its_toys(name: str) -> None:
    """The fits that are kept, counted again, for one coupling and for several."""
    toys, found = (rows_of(FOLDER / name / file) for file in ("toys.csv", "coverage.csv"))
    assert found
    for one in found:
        quantity = f"{one['quantity']}." if one.get("quantity") else ""
        column = f"{quantity}{one['interval']}_{float(one['level']):g}"
        held = [
            toy[column] == "1"
            for toy in toys
            if (toy["truth"], toy["passed"]) == (one["truth"], "True")
        ]
        assert len(held) == int(one["toys"])
        assert sum(held) / len(held) == pytest.approx(float(one["coverage"]), abs=6e-5)


@pytest.mark.parametrize("name", [n for n in COVERAGE if SUMMARY[n]["interaction"] == SCALAR])
def test_limits_cover_zero(name: str) -> None:
    """An upper limit on a coupling without a sign is above zero in every fit."""
    found = rows_of(FOLDER / name / "coverage.csv")
    zero = [one for one in found if one["truth"] == "zero" and one["interval"] == "limit"]
    assert zero
    assert {float(one["coverage"]) for one in zero} == {1.0}


@cache
def digest_of(name: str, seed: int) -> str:
    """Return what a study of simulated data knows a card of today by."""
    one = bc.experiment(name)
    one = bc.asimov(one) if one.data == "none" else one
    return content_digest(*with_whole_counts((one,), seed))


@pytest.mark.parametrize("name", [*RANKS, *COVERAGE])
def test_a_kept_study_is_of_the_cards_of_today(name: str) -> None:
    """So that `make calibration` goes on with it, and `bayes_cevns.load` reads it."""
    assert (FOLDER / name / "analysis.toml").is_file()
    request = tomllib.loads((FOLDER / name / "run.toml").read_text(encoding="utf-8"))["request"]
    cards = SUMMARY[name]["experiments"].split("+")
    assert request["content"] == {card: digest_of(card, request["seed"]) for card in cards}


def test_a_kept_study_is_read_back() -> None:
    found = bc.load(FOLDER / "coherent_ge_counts")
    assert found.passed
    row = SUMMARY["coherent_ge_counts"]
    assert len(found.ranks) == int(row["fits"])
    assert min(found.p_values.values()) == pytest.approx(float(row["least_p_value"]), abs=1e-4)


def test_a_kept_coverage_is_read_back() -> None:
    """Its table is that of the toys, whose truths stay to the last digit."""
    name = "coherent_ge_counts_coverage"
    found = bc.load(FOLDER / name)
    assert found.tables()["coverage.csv"] == (FOLDER / name / "coverage.csv").read_text()
    (row, *_) = [row for row in rows_of(FOLDER / name / "toys.csv") if row["truth"] == "above"]
    (above, *_) = [one for one in found.results if one.truth == "above"]
    assert repr(above.values["coupling_product"]) == row["coupling_product"]
