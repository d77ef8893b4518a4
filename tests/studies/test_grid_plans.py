"""An analysis with lists becomes a plan: which lists, which names, which time."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from examples import EXAMPLES, EXPERIMENT, example

import bayes_cevns as bc
from bayes_cevns.errors import ArgumentError, BayesCevnsError
from bayes_cevns.progress.counter import Counter
from bayes_cevns.studies import costs
from bayes_cevns.studies.analysis_file import to_toml
from bayes_cevns.studies.costs import ALIKE, ELSEWHERE, HERE, Cost, estimate
from bayes_cevns.studies.grids.expansion import combinations, families, is_grid
from bayes_cevns.studies.grids.plan import plan_of

SCAN = {
    "study": "scan",
    "experiments": [EXPERIMENT],
    "interaction": "b-l",
    "masses_mev": [1.0, 10.0],
}


def names_of(words: dict[str, Any]) -> list[str]:
    return [one.name for one in combinations(families(words))]


@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_echo_is_one_study(kind: str, tmp_path: Path) -> None:
    """Lists and tables that are values of a study are no alternatives."""
    file = tmp_path / "analysis.toml"
    file.write_text(to_toml(example(kind)))
    plan = bc.read_plan(file)
    assert not plan.is_grid
    (one,) = plan.studies
    assert one.study().request() == example(kind).request()
    assert one.points == example(kind).size()


def test_lists_are_multiplied_in_their_order() -> None:
    words = {
        **SCAN,
        "interaction": ["b-l", "scalar-universal"],
        "level": [0.9, 0.95],
        "allow_overlap": [True, False],
    }
    assert names_of(words) == [
        f"{new}__level-{level}__{flag}"
        for new in ("b-l", "scalar-universal")
        for level in ("0.9", "0.95")
        for flag in ("allow_overlap", "no-allow_overlap")
    ]
    first = combinations(families(words))[0]
    assert first.words == {**SCAN, "level": 0.9, "allow_overlap": True}
    assert first.varied == {"interaction": "b-l", "level": 0.9, "allow_overlap": True}


#: Value of an option -> the names of its alternatives.
ALTERNATIVES: list[tuple[str, Any, list[str]]] = [
    ("experiments", [["conus_plus"], ["conus_plus", EXPERIMENT]], []),
    ("experiments", {"one": ["conus_plus"], "all": ["conus_plus", EXPERIMENT]}, ["one", "all"]),
    ("experiments", [["conus_plus"], [{"name": EXPERIMENT, "data": "asimov"}]], []),
    ("masses_mev", [[1.0], [1.0, 2.0]], ["masses-1", "masses-2"]),
    ("masses_mev", ["1:10:2", "1:10:3"], ["1-10-2", "1-10-3"]),
    ("nuisance_priors", [{}, {"flux_8b": "sno"}], ["nuisance_priors-1", "nuisance_priors-2"]),
    ("nuisance_priors", {"card": {}, "sno": {"flux_8b": "sno"}}, ["card", "sno"]),
    ("settings", [{"draws": 100}, {"draws": 200}], ["settings-1", "settings-2"]),
    ("form_factor", ["standard", "helm"], ["standard", "helm"]),
    ("seed", [1, 2], ["seed-1", "seed-2"]),
    ("data", ["observed", "toy:3"], ["observed", "toy-3"]),
    ("exposure_scale", [1.0, 10.0], ["exposure_scale-1", "exposure_scale-10"]),
]


@pytest.mark.parametrize(("name", "value", "labels"), ALTERNATIVES)
def test_what_has_alternatives(name: str, value: Any, labels: list[str]) -> None:
    found = combinations(families({**SCAN, name: value}))
    assert len(found) == len(value)
    assert [one.words[name] for one in found] == (
        list(value.values()) if isinstance(value, dict) else value
    )
    if labels:
        assert [one.name for one in found] == labels


VALUES: list[tuple[str, Any]] = [
    ("masses_mev", [1.0, 2.0]),
    ("experiments", [EXPERIMENT, "conus_plus"]),
    ("experiments", {"name": EXPERIMENT}),
    ("nuisance_priors", {"flux_8b": "sno"}),
    ("nuisance_priors", ["flux_8b=sno"]),
    ("runs", ["sr0"]),
    ("settings", {"draws": 100, "gate": {"ess_min": 1.0}}),
    ("settings", {"gate": {"ess_min": 1.0}}),
]


@pytest.mark.parametrize(("name", "value"), VALUES)
def test_what_is_a_value(name: str, value: Any) -> None:
    words = {**SCAN, name: value}
    assert not is_grid(words, families(words))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"prior": []}, "prior: expected a value, or a list of one or more, got"),
    ({"prior": ["flat", "flat"]}, "'flat' is in the list twice"),
    ({"prior": ["flat", "flt"]}, "did you mean 'flat'"),
    ({"prior": [["flat"]]}, "unknown prior"),
    ({"study": ["scan", "sample"]}, r"a table \[\[study\]\] for each study"),
    ({"study": []}, r"a table \[\[study\]\] for each study"),
    ({"study": None}, "unknown study"),
    ({"studdy": ["scan"]}, "scan has no option 'studdy'"),
    ({"priors": ["flat", "log"]}, "no option 'priors', did you mean 'prior'"),
    ({"experiments": [[EXPERIMENT], "conus_plus"]}, "a list of lists alone"),
    ({"experiments": [[EXPERIMENT], []]}, "experiments: expected a list of names"),
    ({"experiments": {"none": []}}, "experiments.none: expected a list of experiments"),
    ({"experiments": [[EXPERIMENT], ["nope"]]}, "unknown experiment 'nope'"),
    ({"interaction": ["b-l", "magnetic-moment"]}, "study magnetic-moment: .*no mediator mass"),
    ({"interaction": ["b-l", "sm"]}, "study sm: a scan needs an interaction"),
    ({"level": [0.9, 1.5]}, "study level-1.5: "),
    ({"settings": [{"draws": 100}, 3]}, "settings"),
    ({"masses_mev": [[1.0], 2.0]}, "a list of lists alone"),
    ({"seed": [1, [2]]}, "whole number"),
    ({"allow_overlap": ["yes", True]}, "allow_overlap must be True or False"),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_what_is_wrong_is_one_line(words: dict[str, Any], said: str) -> None:
    with pytest.raises(BayesCevnsError, match=said) as caught:
        plan_of({**SCAN, **words})
    assert "\n" not in str(caught.value)


def test_a_mistake_is_named_with_its_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "grid.toml"
    file.write_text(
        f'study = "scan"\nexperiments = ["{EXPERIMENT}"]\ninteraction = "b-l"\n'
        'masses_mev = [1.0]\nprior = ["flat", "lg"]\n'
    )
    with pytest.raises(ArgumentError) as caught:
        bc.read_plan(file)
    assert re.match(rf"{file}, line 5, prior: study lg: unknown prior 'lg'", str(caught.value))
    file.write_text(file.read_text().replace('["flat", "lg"]', "[]"))
    with pytest.raises(ArgumentError, match=rf"{file}, line 5, prior: prior: expected a value"):
        bc.read_plan(file)


def test_studies_of_several_kinds() -> None:
    common = {"experiments": [[EXPERIMENT], ["conus_plus"]], "interaction": "b-l"}
    words = {
        **common,
        "study": [
            {"study": "scan", "masses_mev": [1.0, 10.0], "prior": ["flat", "log"]},
            {"study": "profile", "name": "cl", "masses_mev": [1.0, 10.0]},
        ],
    }
    plan = plan_of(words)
    assert [one.name for one in plan.studies] == [
        *(f"scan__{e}__{p}" for e in (EXPERIMENT, "conus_plus") for p in ("flat", "log")),
        *(f"cl__{e}" for e in (EXPERIMENT, "conus_plus")),
    ]
    assert plan.points == 12
    assert plan.is_grid
    assert plan.varied == ("experiments", "prior")


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ([{"study": "scan", "interaction": "b-l"}], "interaction is given for all studies and"),
        ([{"study": "scan"}, {"study": "scan"}], "two of .* are called 'scan'"),
        ([{"study": "scan", "name": "a/b"}], "expected a word for a folder"),
        ([{"name": "a"}], "expected a line study"),
        ([{"study": "scan"}, 3], r"a table \[\[study\]\]"),
    ],
)
def test_tables_that_contradict(tables: list[Any], said: str) -> None:
    words = {key: value for key, value in SCAN.items() if key != "study"}
    with pytest.raises(ArgumentError, match=said):
        plan_of({**words, "study": tables})


def test_names_are_short_and_differ() -> None:
    long = ["a" * 80 + str(n) for n in range(3)]
    found = names_of({**SCAN, "form_factor": long, "atoms": long})
    assert len(set(found)) == 9
    assert max(map(len, found)) <= 120
    twice = names_of({**SCAN, "nuisance_priors": {"A": {"a": "1"}, "a": {"a": "2"}, "a-2": {}}})
    assert len({name.casefold() for name in twice}) == 3


def test_a_plan_says_what_it_will_do() -> None:
    plan = plan_of({**SCAN, "prior": ["flat", "log"], "seed": list(range(1, 31))})
    lines = plan.lines()
    assert lines[0] == "plan: 60 studies, 120 points"
    assert lines[1] == "  scan: prior (2) x seed (30)"
    assert lines[2].startswith("  flat__seed-1: scan, 2 points, about ")
    assert lines[-2] == "  and 20 more"
    assert re.match(r"time: about .*, one point after the other \(studies: 60 ", lines[-1])


def test_a_plan_makes_itself_again(tmp_path: Path) -> None:
    words = {
        **SCAN,
        "experiments": {"one": [EXPERIMENT], "two": ["conus_plus"]},
        "prior": ["flat", "log"],
        "nuisance_priors": [{}, {"flux_8b": "sno"}],
    }
    with pytest.raises(ArgumentError, match="flux_8b"):
        plan_of(words)  # a reactor has none
    settings = [{"draws": 100, "gate": {"ess_min": 1.0}}, {"draws": 200}]
    plan = plan_of({**words, "nuisance_priors": {}, "settings": settings, "seed": [1, 2]})
    (tmp_path / "plan.toml").write_text(plan.to_toml())
    again = bc.read_plan(tmp_path)
    assert again.request() == plan.request()
    assert again.to_toml() == plan.to_toml()
    kinds = {key: value for key, value in words.items() if key not in ("study", "nuisance_priors")}
    several = plan_of({**kinds, "study": [{"study": "scan"}, {"study": "scan", "name": "two"}]})
    (tmp_path / "plan.toml").write_text(several.to_toml())
    assert bc.read_plan(tmp_path).request() == several.request()


def test_other_lists_are_another_plan() -> None:
    plans = [plan_of({**SCAN, "prior": priors}) for priors in (["flat"], ["flat", "log"], ["log"])]
    identities = [str(plan.request()) for plan in plans]
    assert len(set(identities)) == 3


def test_too_many_points_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = list(range(5001))
    many = {**SCAN, "seed": seeds, "level": [0.68, 0.9]}
    with pytest.raises(ArgumentError, match=r"this plan has 10,002 studies, .*--yes ") as caught:
        plan_of(many, yes=False)
    assert "\n" not in str(caught.value)
    from bayes_cevns.studies.grids import plan as module

    monkeypatch.setattr(module, "MOST_POINTS", 3)
    plan = plan_of({**SCAN, "seed": [1, 2]})
    with pytest.raises(
        ArgumentError, match="this plan has 4 points in 2 studies, more than 3 points"
    ):
        plan.check_size(yes=False)
    plan.check_size(yes=True)


def test_an_estimate_takes_what_is_most_alike() -> None:
    study = example("scan")
    work = (60 + 100) * 4.0
    own = Cost("scan", EXPERIMENT, "scalar-universal", 1, work, 3.0, 2.0)
    other = Cost("scan", EXPERIMENT, "b-l", 1, 10 * work, 4.0, 50.0)
    elsewhere = Cost("scan", "conus_plus+coherent_csi", "b-l", 2, work, 5.0, 30.0)
    foreign = Cost("sample", EXPERIMENT, "scalar-universal", 1, work, 3.0, 99.0)
    assert estimate(study, [own, other, elsewhere, foreign]) == costs.Estimate(3.0, 2.0, HERE)
    assert estimate(study, [other, elsewhere]) == costs.Estimate(4.0, 5.0, HERE)
    assert estimate(study, [elsewhere, foreign]) == costs.Estimate(5.0, 15.0, ALIKE)
    assert estimate(study, [foreign]).origin == ELSEWHERE


def test_every_study_has_a_cost_of_its_own() -> None:
    assert set(costs.COMMITTED) == set(EXAMPLES)
    for kind in EXAMPLES:
        found = estimate(example(kind), [])
        assert 0 < found.point_seconds < 100


def test_more_draws_cost_more() -> None:
    seconds = [
        estimate(example("scan", settings=bc.SamplerSettings(draws=draws)), []).point_seconds
        for draws in (700, 1700)
    ]
    assert seconds[1] == pytest.approx(2 * seconds[0])


def test_what_the_first_point_loads_is_no_cost_of_a_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAYES_CEVNS_CACHE", str(tmp_path))
    now = 0.0
    counter = Counter("scan", 3, clock=lambda: now)
    for number, seconds in enumerate((10.0, 2.0, 3.0)):
        now += 1.0 if number == 0 else 0.0
        counter.begins(number)
        now += seconds
        counter.finished(number, "", failed=False)
    costs.keep(example("scan"), counter)
    (kept,) = costs.measurements()
    assert (kept.preparing_seconds, kept.point_seconds) == (1.0 + 7.5, 2.5)
    found = estimate(example("scan"))
    assert (found.preparing_seconds, found.point_seconds, found.origin) == (8.5, 2.5, HERE)
    costs.keep(example("scan"), counter)
    assert len(costs.measurements()) == 1, "the latest of a kind alone"


def test_a_damaged_file_of_costs_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAYES_CEVNS_CACHE", str(tmp_path))
    assert costs.measurements() == []
    for text in ("", "{}", "[3]", '[{"study": "scan"}]'):
        (tmp_path / costs.COSTS_FILE).write_text(text)
        assert costs.measurements() == []


def test_the_example_of_the_documentation() -> None:
    plan = bc.read_plan(Path(__file__).parents[2] / "docs" / "grid.toml")
    assert (len(plan.studies), plan.points) == (12, 156)
    assert plan.studies[0].name == "xenonnt__b-l__flat"
