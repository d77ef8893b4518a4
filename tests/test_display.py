"""Objects at a prompt and in a notebook: a few lines, escaped tables; digests apart from them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from html.parser import HTMLParser
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import numpy as np
import pytest
import xarray as xr

import bayes_cevns as bc
from bayes_cevns.cards import Experiment
from bayes_cevns.couplings.box import box_prior
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.couplings.table import of_couplings
from bayes_cevns.detectors import TabulatedQuenching
from bayes_cevns.display import Displayed, brief
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.interactions import interactions
from bayes_cevns.sources.catalogue import SOURCES
from bayes_cevns.storage.digests import digest_of
from bayes_cevns.studies.calibration.rank_result import RankResult
from bayes_cevns.studies.coupling_fits import CouplingFits, NamedFit
from bayes_cevns.studies.profile import ProfilePoint, ProfileScan
from bayes_cevns.studies.sample import ModelRun
from bayes_cevns.studies.scan_result import Scan, ScanPoint
from bayes_cevns.studies.sensitivity.limit_record import LimitRecord
from bayes_cevns.studies.sensitivity.result import Sensitivity
from bayes_cevns.summary.fit import Fit

LINES, WIDTH = 15, 130

#: What a field with one of these holds has many numbers.
LARGE = re.compile(r"Array|NDArray|xr\.|Experiment|\bFit\b|ModelSpec|Source\b|Engine")


def data_classes() -> Iterator[type]:
    """Yield every public dataclass but those of builders, command line and figures."""
    for module in walk_packages(bc.__path__, "bayes_cevns."):
        if module.name.startswith(("bayes_cevns.releases", "bayes_cevns.cli", "bayes_cevns.plots")):
            continue
        for name, kind in vars(import_module(module.name)).items():
            own = inspect.isclass(kind) and kind.__module__ == module.name
            if own and is_dataclass(kind) and not name.startswith("_"):
                yield kind


def a_fit() -> Fit:
    draws = xr.Dataset({"coupling": (("branch", "chain", "draw"), np.zeros((1, 4, 1000)))})
    quality = xr.Dataset({"passed": ("branch", [True]), "weight": ("branch", [1.0])})
    return Fit(None, draws, draws, quality)


def a_fit_of_a_coupling() -> Fit:
    x = np.random.default_rng(1).uniform(size=(1, 4, 100))
    draws = xr.Dataset({"coupling_product": (("branch", "chain", "draw"), x)})
    quality = {"passed": [True], "weight": [1.0], "log_evidence_error": [0.0]}
    prior = CouplingPrior("flat", False, 0.0, 1.0, 0.0, 1.0, None)
    return Fit(prior, draws, draws, xr.Dataset({k: ("branch", v) for k, v in quality.items()}))


def objects() -> Iterator[Any]:
    """Yield real objects of every kind that is cheap to make, the larger the better."""
    experiments = [bc.experiment(name) for name in bc.experiment_names()]
    yield from experiments
    yield bc.scaled(experiments[0], exposure=2.0) if experiments[0].sigma is None else 0
    yield from (bc.source(name) for name in SOURCES)
    yield from (bc.target(name) for name in ("Xe", "CsI"))
    yield from interactions().values()
    xenon = bc.experiment("xenonnt_cevns")
    spec = bc.ModelSpec.of([xenon], interaction="b-l")
    fit, settings = a_fit(), bc.SamplerSettings()
    yield from (spec, *spec.tables(), xenon.signals[0], xenon.card, fit, settings, bc.Engine(spec))
    yield bc.rate(source="solar_8b", target="Xe", interaction="b-l")
    yield bc.rate("migdal", source="solar_8b", target="Xe")
    yield bc.rate("electron", source="solar", target="Xe")
    points = [ScanPoint(m, a_fit_of_a_coupling(), 0.9, {}) for m in range(1, 500)]
    yield from (Scan(spec, 0.9, 1, points), Scan(spec, 0.9, 1), points[0])
    yield ProfileScan(spec, 0.9, [ProfilePoint(1.0, None, "no minimum")] * 300)
    yield ModelRun.of(fit, spec, 10.0, seed=1)
    masses = list(map(float, range(1, 300)))
    record = LimitRecord(masses, ("upper",))
    yield Sensitivity(spec, (xenon,), 0.9, 1, "prior", record)
    model = bc.CouplingModel.of(["ee_u", "ee_d"])
    several = bc.ModelSpec.of([xenon], couplings=model)
    (table,) = of_couplings(several.tables())
    box = box_prior(model, [table], {})
    yield from (model, *model.couplings, several, table, *table.signals, box, box.box)
    joint = replace(fit, box=box)
    yield CouplingFits(several, (0.9,), 1, one_at_a_time=False, fits={"joint": joint})
    yield NamedFit("joint", joint)
    ranks = np.zeros((1000, 3), np.int64)
    reasons = dict.fromkeys(range(50), "x" * 200)
    yield RankResult(spec, 10.0, None, ("a", "b", "c"), ranks, reasons, 1.0)


def check_lines(text: str, width: int = WIDTH) -> None:
    lines = text.splitlines()
    assert 1 <= len(lines) <= LINES
    assert max(map(len, lines)) <= width


def test_real_objects_are_short() -> None:
    for one in objects():
        check_lines(repr(one), WIDTH if isinstance(one, Displayed) else 1500)
        assert len(repr(one)) <= 1500


@pytest.mark.parametrize("kind", list(data_classes()), ids=lambda kind: kind.__name__)
def test_every_class_with_many_numbers_is_displayed(kind: type) -> None:
    if any(LARGE.search(str(field.type)) for field in fields(kind)):
        assert issubclass(kind, Displayed)
    if issubclass(kind, Displayed):
        assert kind.__repr__ is Displayed.__repr__
        assert kind._repr_html_ is Displayed._repr_html_


@dataclass(frozen=True, repr=False)
class Crowded(Displayed):
    """More fields than lines, and values of every kind."""

    name: str
    array: Any = None
    table: Any = None
    words: Any = None
    text: Any = None


def test_rows_and_values_are_cut() -> None:
    many = Crowded(
        "<b>&",
        np.random.default_rng(1).normal(size=(300, 300)),
        xr.DataArray(np.zeros((40, 50)), dims=("run", "bin")),
        {f"key{i}": "x" * 500 for i in range(1000)},
        "line\n" * 1000,
    )
    check_lines(repr(many))
    assert "40 run x 50 bin" in repr(many)
    rows = {f"row {i}": i for i in range(100)}
    assert Displayed._rows(many)["array"] is many.array

    class Long(Displayed):
        def _rows(self) -> dict[str, object]:
            return dict(rows)

    check_lines(repr(Long()))
    assert repr(Long()).endswith("87 more")


class Cells(HTMLParser):
    """Collects the texts of cells, and the tags."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        del attrs
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_tables_of_notebooks_are_escaped_and_say_the_same() -> None:
    evil = Crowded("<script>alert(1)</script>", text="a < b & <i>c</i>")
    parser = Cells()
    parser.feed(evil._repr_html_())
    assert set(parser.tags) == {"table", "caption", "tbody", "tr", "th", "td"}
    assert "Crowded <script>alert(1)</script>" in parser.texts
    assert "a < b & <i>c</i>" in parser.texts
    for text in parser.texts:
        assert text in repr(evil)


def test_an_experiment_shows_what_a_physicist_looks_for() -> None:
    text = repr(bc.experiment("xenonnt_cevns"))
    for part in ("xenonnt_cevns", "SR0 + SR1 + SR2", "sr0, sr1, sr2", "62 in", "cevns of solar_8b"):
        assert part in text


def test_an_error_for_a_wrong_object_is_one_short_line() -> None:
    one = bc.experiment("xenonnt_cevns")
    for call in (
        lambda: bc.scan(5, interaction="b-l", masses_mev=[1.0]),
        lambda: bc.build_model([[one]]),  # type: ignore[list-item]
        lambda: bc.interaction(one),  # type: ignore[arg-type]
        lambda: bc.exclusion_figure(one),  # type: ignore[arg-type]
        lambda: one.with_source(one),  # type: ignore[arg-type]
    ):
        with pytest.raises((ArgumentError, UnknownNameError)) as caught:
            call()
        assert len(str(caught.value)) <= 700
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "value", [1.23456789, 5, None, "word", [], {}, np.float32(2), np.array([])]
)
def test_small_values_are_themselves(value: Any) -> None:
    assert 0 < len(brief(value)) < 20


def test_a_digest_has_all_numbers_whatever_the_display() -> None:
    energy = np.linspace(0.1, 10.0, 3000)
    factor = np.full(3000, 0.15)
    other = factor.copy()
    other[1500] += 1e-9
    one, two = (TabulatedQuenching(energy, values) for values in (factor, other))
    assert repr(one) == repr(two)
    assert digest_of(one) != digest_of(two)
    assert digest_of(one) == digest_of(TabulatedQuenching(energy.copy(), factor.copy()))


def test_a_digest_tells_classes_fields_and_places_apart() -> None:
    found = [interactions()["b-l"], interactions()["vector-universal"], interactions()["axial"]]
    found += [
        replace(found[0], title="B - L"),
        replace(found[0], sign_fixed=not found[0].sign_fixed),
    ]
    others: list[Any] = [
        ("ab", "c"),
        ("a", "bc"),
        ["a", "bc"],
        {"a": "bc"},
        1,
        1.0,
        "1",
        True,
        None,
    ]
    arrays = [np.zeros(2), np.zeros((1, 2)), np.zeros(2, int)]
    digests = [digest_of(one) for one in [*found, *others, *arrays]]
    assert len(set(digests)) == len(digests)


def test_two_experiments_with_one_display_are_two_rates() -> None:
    rate = bc.rate("migdal", source="solar_8b", target="Xe")
    energy = np.linspace(1e-3, 100.0, 3000)
    one = replace(rate, quenching=TabulatedQuenching(energy, np.full(3000, 0.15)))  # type: ignore[call-arg]
    values = np.full(3000, 0.15)
    values[1500] = 0.16
    two = replace(rate, quenching=TabulatedQuenching(energy, values))  # type: ignore[call-arg]
    assert one.digest() != two.digest()
    assert isinstance(bc.experiment("xenonnt_cevns"), Experiment)
