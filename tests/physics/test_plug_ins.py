"""An interaction of one's own: a file in the folder, or a plug-in of another package."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint

import numpy as np
import pytest

import bayes_cevns as bc
from bayes_cevns import plug_ins
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.cli import main
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics import interactions as package
from bayes_cevns.physics.interactions import catalogue, interaction, interactions
from bayes_cevns.storage.caches import cache_dir

#: Couples to protons like the universal vector's three quarks, and to nothing else.
TEXT = """
from bayes_cevns.physics.interactions import Coupling
from bayes_cevns.physics.interactions.vector import VectorMediator

G = Coupling(
    symbol="sqrt(|g_nu g_p|)", latex=r"\\sqrt{|g_\\nu g_p|}", definition="3 g_p of every proton",
    amplitude="g_nu g_p", amplitude_latex=r"g_\\nu g_p",
)
OWN = VectorMediator(
    name="hidden-photon", title="dark photon", formula="Q -> Q + 3 Z x", coupling=G,
    cite=("Lindner:2016wff",), proton=3.0, neutron=0.0,
)
"""

#: A class of its own, written against `Interaction` alone.
CLASS = """
import numpy as np
from dataclasses import dataclass
from bayes_cevns.physics.interactions.base import Interaction, incoherent
from bayes_cevns.physics.interactions.coupling import UNIVERSAL

@dataclass(frozen=True, kw_only=True)
class Floor(Interaction):
    level: float = 1e-15

    def nuclear_terms(self, isotope, recoil_energy_mev, mediator_mass_mev, form_factor):
        recoil = np.asarray(recoil_energy_mev, dtype=float)
        shape = np.stack([np.full_like(recoil, {factor}), 0 * recoil, 0 * recoil])
        masses = np.shape(mediator_mass_mev)
        shape = shape.reshape(3, *(1,) * len(masses), *recoil.shape)
        return incoherent(self.level * shape * np.ones(masses + recoil.shape))

OWN = Floor(name="floor", title="floor", formula="x^2", coupling=UNIVERSAL,
            cite=("Lindner:2016wff",), scatters_on=("nucleus",))
"""


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    interactions.cache_clear()
    yield
    interactions.cache_clear()


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    """Install texts as modules that plug-ins name."""
    monkeypatch.syspath_prepend(str(tmp_path))
    # Bytecode of a module is taken for that of another one of the same length and second.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def install(*texts: str, attribute: str = "OWN") -> None:
        points = []
        for number, text in enumerate(texts):
            module = f"own_interaction_{number}"
            (tmp_path / f"{module}.py").write_text(text)
            monkeypatch.delitem(sys.modules, module, raising=False)
            points.append(EntryPoint("own", f"{module}:{attribute}", catalogue.GROUP))

        def entry_points(*, group: str) -> list[EntryPoint]:
            return [p for p in points if p.group == group]

        monkeypatch.setattr(plug_ins, "entry_points", entry_points)
        interactions.cache_clear()

    return install


@pytest.fixture(params=["file", "plug-in"])
def own(request, tmp_path, monkeypatch, plug_in) -> None:
    """A vector in a file of the folder, or of another package."""
    if request.param == "plug-in":
        plug_in(TEXT)
        return
    (tmp_path / "own_file.py").write_text(TEXT + "\nENTRIES = (OWN,)\n")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, f"{package.__name__}.own_file", raising=False)
    interactions.cache_clear()


@pytest.mark.usefixtures("own")
def test_one_file_gives_spectra_tables_and_commands(xenonnt, monkeypatch, capsys):
    assert interaction("hidden-photon").title == "dark photon"
    assert "b-l" in interactions()
    energies = np.array([0.5, 1.0, 2.0])
    mine = bc.rate(source="solar_8b", target="Xe", interaction="hidden-photon")
    theirs = bc.rate(source="solar_8b", target="Xe", interaction="vector-universal")
    share = mine.components(energies, 10.0) / theirs.components(energies, 10.0)
    np.testing.assert_allclose(share[0], 1.0)
    np.testing.assert_allclose(share[1], 54 / 131.3, rtol=1e-2)  # Z / A
    np.testing.assert_allclose(share[2], (54 / 131.3) ** 2, rtol=2e-2)
    counts = RateTable(xenonnt, interaction("hidden-photon")).counts(10.0)
    assert np.all(counts.sum(("run", "bin")).sel(component="new_physics") > 0)
    spec = bc.ModelSpec.of([xenonnt], interaction="hidden-photon")
    assert "Lindner:2016wff" in bc.citations(spec)
    words = "spectrum --target Xe --interaction hidden-photon --mass 10 --coupling 1e-5 --json"
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", *words.split(), "--energies", "1"])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert not exit_.value.code
    record = json.loads(capsys.readouterr().out)
    assert record["rate"] == pytest.approx([float(mine.total(1.0, 10.0, 1e-10))])
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", "list", "--json"])
    with pytest.raises(SystemExit):
        main()
    assert "hidden-photon" in json.loads(capsys.readouterr().out)["interactions"]


def test_a_class_of_ones_own_is_never_served_from_an_old_table(
    xenonnt, plug_in, tmp_path, monkeypatch
):
    """The same name and fields, another formula: the second table must not be the first."""
    monkeypatch.setenv("BAYES_CEVNS_CACHE", str(tmp_path / "cache"))
    totals = []
    for factor in (1.0, 3.25):  # of another length: Python keeps byte code too
        plug_in(CLASS.replace("{factor}", str(factor)))
        table = RateTable(xenonnt, interaction("floor"))
        totals.append(float(table.counts(10.0).sum(("run", "bin"))[2, 3, 3]))
    assert totals[0] > 0
    assert totals[1] == pytest.approx(3.25 * totals[0])
    assert not cache_dir().exists()


def test_a_plug_in_that_makes_negative_rates_is_one_line(plug_in, monkeypatch, capsys):
    plug_in(CLASS.replace("{factor}", "-1.0"))
    words = "spectrum --target Xe --interaction floor --mass 10 --coupling 1e-5 --energies 1"
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", *words.split()])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("bayes-cevns: interaction 'floor' makes negative rates for large coupl")


def test_a_plug_in_that_cites_what_is_not_in_the_bibliography(xenonnt, plug_in):
    """Said before a fit, not when its results are written."""
    plug_in(TEXT.replace("Lindner:2016wff", "Me:2027abc"))
    with pytest.raises(
        ArgumentError, match="'hidden-photon' cites 'Me:2027abc', which has no entry"
    ):
        bc.ModelSpec.of([xenonnt], interaction="hidden-photon")


def test_without_plug_ins_nothing_is_added():
    assert {"b-l", "magnetic-moment", "weak-mixing-angle"} <= set(interactions())
    assert "hidden-photon" not in interactions()


@pytest.mark.parametrize(
    ("texts", "attribute", "message"),
    [
        ([TEXT, TEXT], "OWN", "there is an interaction 'hidden-photon' already"),
        ([TEXT.replace("hidden-photon", "b-l")], "OWN", "own_interaction_0.*'b-l' already"),
        ([TEXT.replace("hidden-photon", "sm")], "OWN", "'sm' already"),
        (["OWN = 3"], "OWN", "offers 3, expected an Interaction"),
        (["OWN = 3"], "OTHER", "cannot be loaded .AttributeError.*mend or uninstall"),
        (["import no_such_package"], "OWN", "cannot be loaded .ModuleNotFoundError"),
        (["OWN = 1 / 0"], "OWN", "cannot be loaded .ZeroDivisionError"),
        (["OWN ="], "OWN", "cannot be loaded .SyntaxError"),
    ],
)
def test_a_wrong_plug_in_is_named(plug_in, texts, attribute, message):
    plug_in(*texts, attribute=attribute)
    with pytest.raises(ArgumentError, match=message):
        interactions()


def test_a_wrong_plug_in_is_one_line_on_the_command_line(plug_in, monkeypatch, capsys):
    plug_in("OWN = 1 / 0")
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", "list"])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 2
    message = capsys.readouterr().err.strip()
    assert message.startswith("bayes-cevns: plug-in own_interaction_0:OWN")
    assert len(message.splitlines()) == 1
