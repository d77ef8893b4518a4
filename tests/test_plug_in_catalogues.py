"""Sources, targets and form factors of an installed package, and what is said of bad ones."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

import bayes_cevns as bc
from bayes_cevns.cli import main
from bayes_cevns.errors import ArgumentError, PlugInError
from bayes_cevns.physics.form_factors import FORM_FACTORS
from bayes_cevns.physics.interactions import interactions
from bayes_cevns.physics.nuclei import MATERIALS
from bayes_cevns.sources import SOURCES
from bayes_cevns.sources.catalogue import _made
from bayes_cevns.storage.caches import cache_dir
from bayes_cevns.studies.identity import spec_request

MODULE = """
import numpy as np
from dataclasses import dataclass
from bayes_cevns.physics.form_factors import FormFactor, helm
from bayes_cevns.physics.nuclei import Target, isotope
from bayes_cevns.sources import Line, Source
from dataclasses import replace

BEAM = Source("beam", {"nu_mu": (Line("beam", 29.8, 1e7),)})

def made():
    return Source("made", {"nu_e": (Line("made", 29.8, 2e7),)})

def failing():
    return 1 / 0

ENRICHED = Target("enriched", (replace(isotope("Ge-76"), abundance=1.0),))
EMPTY, SALT = Target("empty", ()), Target("CsI", (isotope("Cs-133"),))
HEAVY = Target("heavy", (replace(isotope("Ge-76"), atomic_mass_u=80.0),))
NEGATIVE = Target("negative", (replace(isotope("Ge-76"), abundance=-1.0),))

@dataclass(frozen=True)
class Gaussian(FormFactor):
    radius_fm: float = 4.0
    at_zero: float = FACTOR
    cite = ("Helm:1956zz",)

    def proton(self, q_mev, isotope):
        q = np.asarray(q_mev, dtype=float) / 197.327
        return self.at_zero * np.exp(-((q * self.radius_fm) ** 2) / 6)

    def neutron(self, q_mev, isotope):
        return self.proton(q_mev, isotope)

class Changing(Gaussian):
    def proton(self, q_mev, isotope):
        q_mev *= 2
        return q_mev

class Uncited(Gaussian):
    cite = "Helm:1956zz"

class Short(Gaussian):
    def both(self, q_mev, isotope):
        return np.ones(2), np.ones(2)

FORM, HALF, CHANGING = Gaussian(), Gaussian(at_zero=0.5), Changing()
UNCITED, SHORT = Uncited(), Short()
"""


def _forget() -> None:
    for catalogue in (SOURCES, MATERIALS, FORM_FACTORS):
        catalogue.forget()
    interactions.cache_clear()
    _made.cache_clear()


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Install a distribution with entry points, in lines of ``entry_points.txt``."""
    monkeypatch.syspath_prepend(str(tmp_path))
    # Bytecode of a module is taken for that of another one of the same length and second.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def install(points: dict[str, dict[str, str]], module: str = MODULE) -> None:
        (tmp_path / "own_package.py").write_text(module.replace("FACTOR", "1.0"))
        monkeypatch.delitem(sys.modules, "own_package", raising=False)
        info = tmp_path / "own_package-1.0.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: own-package\nVersion: 1.0\n")
        lines = []
        for group, entries in points.items():
            lines.append(f"[bayes_cevns.{group}]")
            lines += [f"{name} = own_package:{attribute}" for name, attribute in entries.items()]
        (info / "entry_points.txt").write_text("\n".join([*lines, ""]))
        _forget()

    yield install
    monkeypatch.undo()
    _forget()


GOOD = {
    "sources": {"beam": "BEAM", "made": "made"},
    "targets": {"enriched": "ENRICHED"},
    "form_factors": {"gaussian": "FORM"},
}


def run(monkeypatch, capsys, words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", *words.split()])
    with pytest.raises(SystemExit) as exit_:
        main()
    printed = capsys.readouterr()
    return int(exit_.value.code or 0), printed.out, printed.err


def test_a_package_gives_sources_targets_and_form_factors(installed, monkeypatch, capsys):
    installed(GOOD)
    assert bc.source("beam").total_per_cm2_s == 1e7
    assert bc.source("made") is bc.source("made")
    assert [i.label for i in bc.target("enriched").isotopes] == ["Ge-76"]
    rate = bc.rate(source="made", target="enriched", theory=bc.Theory(form_factor="gaussian"))
    pointlike = bc.rate(
        source="made", target="enriched", theory=bc.Theory(form_factor="point-like")
    )
    q_fm = np.sqrt(2 * 70.7e3 * 5e-3) / 197.327  # of 5 keV
    share = rate.total(5.0) / pointlike.total(5.0)
    assert share == pytest.approx(np.exp(-((q_fm * 4.0) ** 2) / 3), rel=1e-3)
    words = "spectrum --source beam --target enriched --form-factor gaussian --energies 5"
    assert run(monkeypatch, capsys, words)[0] == 0
    listed = run(monkeypatch, capsys, "list")[1]
    for name in ("beam", "made", "enriched", "gaussian"):
        assert f"\n  {name}  " in listed or f"\n  {name}\n" in listed


def test_tables_of_a_foreign_form_factor_are_not_kept(installed, tmp_path, monkeypatch, xenonnt):
    """What its code says is not in the name of a kept table."""
    from bayes_cevns.cards.rate_table import RateTable

    monkeypatch.setenv("BAYES_CEVNS_CACHE", str(tmp_path / "cache"))
    installed(GOOD)
    bl = bc.interaction("b-l")
    RateTable(xenonnt, bl, theory=bc.Theory(form_factor="gaussian")).counts(10.0)
    assert not cache_dir().exists()
    RateTable(xenonnt, bl, theory=bc.Theory(form_factor="helm")).counts(10.0)
    assert cache_dir().exists()


def test_what_a_plug_in_says_is_in_the_identity_of_a_run(installed, xenonnt):
    """Another version of it under the same name is another request."""

    def request() -> dict[str, object]:
        theory = bc.Theory(form_factor="gaussian")
        one = replace(xenonnt, target=bc.target("enriched"))
        return spec_request(bc.ModelSpec.of([one], interaction="b-l", theory=theory))

    installed(GOOD)
    first = request()
    assert request() == first
    installed(GOOD, MODULE.replace("radius_fm: float = 4.0", "radius_fm: float = 3.9"))
    assert [key for key, value in request().items() if value != first[key]] == [
        "form_factor_sha256"
    ]
    installed(GOOD, MODULE.replace('"Ge-76"), abundance=1.0', '"Ge-74"), abundance=1.0'))
    assert request()["content"] != first["content"]
    plain = spec_request(bc.ModelSpec.of([xenonnt], interaction="b-l"))
    assert "form_factor_sha256" not in plain


def test_without_packages_nothing_is_added():
    _forget()
    assert not SOURCES.others
    assert not MATERIALS
    assert not FORM_FACTORS.others


@pytest.mark.parametrize(
    ("group", "name", "attribute", "message"),
    [
        ("sources", "reactor", "BEAM", "own_package:BEAM: there is a source 'reactor' already"),
        (
            "sources",
            "other",
            "BEAM",
            "own_package:BEAM: expected the name of its entry point, 'oth",
        ),
        ("sources", "beam", "EMPTY.name", "offers 'empty', expected a Source or a function"),
        ("sources", "beam", "failing", r"own_package:failing failed \(ZeroDivisionError"),
        ("sources", "beam", "FORM.cite.count", "own_package:FORM.cite.count failed"),
        (
            "sources",
            "beam",
            "nothing",
            r"own_package:nothing of bayes_cevns.sources cannot be load",
        ),
        ("sources", "be am", "BEAM", "expected a name of letters, digits and"),
        ("targets", "enriched", "BEAM", r"own_package:BEAM offers .*expected a Target"),
        ("targets", "other", "ENRICHED", "expected the name of its entry point, 'other'"),
        ("targets", "CsI", "SALT", "'CsI', which is no formula, got 'CsI'"),
        ("targets", "empty", "EMPTY", "own_package:EMPTY: expected a tuple of isotopes"),
        ("targets", "heavy", "HEAVY", "expected a mass close to 76 u of Ge-76, got 80"),
        ("targets", "negative", "NEGATIVE", "Ge-76 needs 0 < z <= a and 0 < abundance"),
        ("form_factors", "helm", "FORM", "there is a form factor 'helm' already"),
        ("form_factors", "own", "BEAM", "expected an object of a FormFactor class"),
        ("form_factors", "own", "Gaussian", "expected an object of a FormFactor class"),
        ("form_factors", "own", "HALF", "F_p of Xe-132 at q = 0 is 0.5, expected 1"),
        ("form_factors", "own", "CHANGING", "it changes an array that it was given"),
        ("form_factors", "own", "UNCITED", "expected a tuple of citation keys, got 'Helm"),
        ("form_factors", "own", "SHORT", r"array of shape \(2,\), expected \(3,\)"),
        ("form_factors", "own", "nothing", "form_factors cannot be loaded .AttributeError"),
    ],
)
def test_a_wrong_plug_in_is_named(installed, group, name, attribute, message):
    installed({group: {name: attribute}})
    wanted = {
        "sources": lambda: bc.source(name),
        "targets": lambda: bc.target(name),
        "form_factors": lambda: list(FORM_FACTORS),
    }
    with pytest.raises(ArgumentError, match=message) as caught:
        wanted[group]()
    assert "own_package:" in str(caught.value)


def test_a_wrong_plug_in_is_one_line_on_the_command_line(installed, monkeypatch, capsys):
    installed({"targets": {"heavy": "HEAVY"}})
    code, _, error = run(monkeypatch, capsys, "list targets")
    assert code == 2
    assert error.startswith("bayes-cevns: plug-in own_package:HEAVY: expected a mass close to 76 u")
    assert len(error.strip().splitlines()) == 1


def test_two_of_one_name(installed):
    module = MODULE + "\nOTHER = BEAM\n"
    installed({"sources": {"beam": "BEAM"}}, module)
    assert "beam" in SOURCES
    installed({"sources": {"beam": "BEAM"}, "targets": {"Ge": "ENRICHED"}}, module)
    with pytest.raises(PlugInError, match="expected the name of its entry point, 'Ge'"):
        len(MATERIALS)
