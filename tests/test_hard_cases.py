"""The committed hard cases passed their gates and met their targets."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "validation"))

from hard_case import CASES, NUMBERS, Case, Number
from hard_page import PAGE, page
from row_tables import read, write


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return read(Case, CASES)


@pytest.fixture(scope="module")
def numbers() -> list[Number]:
    return read(Number, NUMBERS)


def test_there_are_twenty_cases_of_committed_code(cases: list[Case]) -> None:
    assert len(cases) >= 20
    assert len({(case.experiment, case.model) for case in cases}) == len(cases)
    assert all(case.commit and not case.commit.endswith("+") for case in cases)


def test_none_failed(cases: list[Case]) -> None:
    assert [text for case in cases if (text := case.outside)] == []


def test_all_numbers_meet_their_targets(numbers: list[Number]) -> None:
    assert [text for number in numbers if (text := number.outside)] == []


def test_every_case_has_its_numbers(cases: list[Case], numbers: list[Number]) -> None:
    for case in cases:
        own = [n for n in numbers if (n.experiment, n.model) == (case.experiment, case.model)]
        kinds = [number.kind for number in own]
        assert kinds.count("weight") == case.branches
        assert kinds.count("evidence") == 1
        assert kinds.count("end") >= 2
        weights = [number.package for number in own if number.kind == "weight"]
        assert sum(weights) == pytest.approx(1.0, abs=1e-5)
        if not case.preview_reason:  # one amplitude: by every method, with a limit
            assert kinds.count("limit") >= 1
            limits = [number for number in own if number.kind == "limit"]
            assert all(number.integral_difference.is_known for number in limits)
            assert all(number.preview_difference.is_known for number in limits)


def test_the_page_is_that_of_the_tables(cases: list[Case], numbers: list[Number]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(cases, numbers)


NUMBER = Number("a", "b", "weight 1", "weight", 0.5, 0.01, 0.5, 0.01, 0.5, 0.0, 0.5, 0.5)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"package": 0.53}, "nested sampling +0.060"),
        ({"nested": math.nan}, ""),
        ({"nested": math.nan, "integral": math.nan}, "neither nested sampling nor"),
        ({"preview": 0.40}, "preview +0.200"),
        ({"integral": 0.53}, "integral -0.060"),
        ({"kind": "evidence", "nested": 0.56, "scale": 1.0}, "nested sampling -0.060"),
        ({"kind": "evidence", "nested": 0.54, "nested_error": 0.0, "scale": 1.0}, "nested"),
        ({"kind": "end", "nested": 0.60, "scale": 1.0}, "nested sampling -0.100"),
        ({"kind": "limit", "integral": 0.47, "scale": 0.5, "package_error": 0.0}, "integral"),
        ({"kind": "evidence", "preview": 0.1, "scale": 1.0}, ""),
        ({"package": 0.01, "nested": 0.015, "scale": 0.015}, ""),
    ],
)
def test_what_is_outside_is_seen(changed: dict[str, float | str], said: str) -> None:
    assert NUMBER.outside == ""
    found = replace(NUMBER, **changed).outside  # type: ignore[arg-type]
    assert said in found
    assert bool(found) == bool(said)


def test_tables_are_read_as_they_were_written(tmp_path: Path, numbers: list[Number]) -> None:
    some = [number for number in numbers if not math.isnan(number.integral)][:5]
    write(some, Number, tmp_path / "some.csv")
    assert read(Number, tmp_path / "some.csv") == some
    assert read(Number, tmp_path / "none.csv") == []
