"""A user's own charges: what they give, what they are called, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayes_cevns as bc
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.couplings.table import coupling_tables
from bayes_cevns.errors import ArgumentError, ChannelError, PropagationWarning, UnknownNameError
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.form_factors import form_factor
from bayes_cevns.physics.interactions import ELECTRON, NUCLEUS, Sign, interaction
from bayes_cevns.physics.interactions.charge_file import read_charges
from bayes_cevns.physics.interactions.standard_model import nuclear_standard_model
from bayes_cevns.physics.interactions.vector import VectorMediator
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.oscillation import heavy_vector
from bayes_cevns.specification.model_spec import ModelSpec

B_MINUS_L = {"q": "1/3", "l": -1}
XE = target("Xe").isotopes[6]
HELM = form_factor("helm")
RECOILS = np.array([1e-4, 1e-3, 3e-3])
ROOT2_G_F = np.sqrt(2) * 1.1663787e-11


def vector(**charges: object) -> VectorMediator:
    found = interaction("vector", charges=charges)
    assert isinstance(found, VectorMediator)
    return found


def test_b_minus_l_by_its_charges_is_that_of_the_catalogue():
    mine, theirs = vector(**B_MINUS_L), interaction("b-l")
    masses = np.array([0.1, 10.0, 1e4])
    np.testing.assert_array_equal(
        mine.electron_terms(RECOILS, masses), theirs.electron_terms(RECOILS, masses)
    )
    np.testing.assert_allclose(
        mine.nuclear_terms(XE, RECOILS, masses, HELM),
        theirs.nuclear_terms(XE, RECOILS, masses, HELM),
        rtol=1e-14,
    )
    assert mine.sign_on([NUCLEUS]) is theirs.sign_on([NUCLEUS]) is Sign.FIXED


@pytest.mark.parametrize("name", ["b-3l_e", "b-2l_mu-l_tau", "b_y+l_mu+l_tau"])
def test_every_gauge_model_without_a_loop_follows_from_its_charges(name):
    entry = interaction(name)
    assert isinstance(entry, VectorMediator)
    neutrinos = dict(zip(("nu_e", "nu_mu", "nu_tau"), entry.flavours, strict=False))
    mine = vector(q=entry.proton / 3, e=entry.electron, **neutrinos)
    assert mine.scatters_on == entry.scatters_on
    found, expected = (one.nuclear_terms(XE, RECOILS, 3.0, HELM) for one in (mine, entry))
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_quarks_make_nucleons():
    """Protons 2 u + d, neutrons u + 2 d; by hand on point-like xenon."""
    mine = vector(u=0.4, d=-1.1, nu_mu=2.0)
    assert mine.proton == pytest.approx(-0.3)
    assert mine.neutron == pytest.approx(-1.8)
    same = vector(p=-0.3, n=-1.8, nu_mu=2.0)
    found, expected = (one.nuclear_terms(XE, RECOILS, 3.0, HELM) for one in (mine, same))
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert mine.flavours_seen == ("nu_mu", "anti_nu_mu")


def test_words_for_several_charges():
    assert vector(q=1, nu=2).name == vector(u=1, d=1, nu_e=2, nu_mu=2, nu_tau=2).name
    assert vector(p=1, l=-1).electron == -1
    assert vector(p=1, nu=1).scatters_on == (NUCLEUS,)
    assert vector(e=1, nu=1).scatters_on == (ELECTRON,)
    assert vector(u=1, d=-2, nu=1).interferes_on == (NUCLEUS,)
    assert (vector(u=1, d=-2, nu=1).proton, vector(u=1, d=-2, nu=1).neutron) == (0.0, -3.0)


numbers = st.floats(-1e6, 1e6).filter(lambda x: abs(x) >= 1e-6)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.dictionaries(st.sampled_from(["u", "d", "e"]), numbers),
    st.dictionaries(st.sampled_from(["nu_e", "nu_mu", "nu_tau"]), numbers, min_size=1),
)
def test_the_name_gives_the_mediator_back(fermions, neutrinos):
    charges = {"p": 1.0, **fermions} if not {"u", "d"} & set(fermions) else {"e": 1.0, **fermions}
    mine = vector(**charges, **neutrinos)
    assert interaction(mine.name) == mine
    assert interaction(mine) is mine


def test_a_name_and_what_is_cited_are_part_of_the_name():
    mine = vector(u=1, nu=1, name="up-philic", cite=["Lindner:2016wff", "Freedman:1973yd"])
    assert mine.title == "up-philic"
    assert mine.name.startswith("vector[name=up-philic,u=1,")
    assert mine.cite[:2] == ("Lindner:2016wff", "Freedman:1973yd")
    assert interaction(mine.name) == mine
    for word in ("u 1", "nu_tau 1", "g_V"):
        assert word in mine.summary


def test_the_kinetic_mixing_of_a_loop():
    mixed = interaction("l_mu-l_tau", charges={"mixing": -0.0025})
    assert mixed.name == "l_mu-l_tau[mixing=-0.0025]"
    assert interaction(mixed.name) == mixed
    assert "mixing = -0.0025" in mixed.coupling.definition
    assert interaction("l_mu-l_tau[mixing=0]") == interaction("l_mu-l_tau")


REFUSED = [
    ("vector", None, ArgumentError, "interaction 'vector' needs charges"),
    ("vector", {}, ArgumentError, "charges: got none"),
    ("vector", [1], ArgumentError, "expected charges by fermion"),
    ("vector", {"u": 1}, ArgumentError, "no neutrino has one"),
    ("vector", {"u": 1, "nu": 0}, ArgumentError, "no neutrino has one"),
    ("vector", {"nu": 1}, ArgumentError, "neither protons .* nor electrons have one"),
    ("vector", {"q": 0, "e": 0, "nu": 1}, ArgumentError, "neither protons"),
    ("vector", {"s": 1, "nu": 1}, ArgumentError, "s quarks add nothing"),
    ("vector", {"nu_x": 1}, UnknownNameError, "unknown charge 'nu_x'; did you mean 'nu_"),
    ("vector", {3: 1}, UnknownNameError, "unknown charge 3"),
    ("vector", {"u": "a", "nu": 1}, ArgumentError, "charge u: expected a number"),
    ("vector", {"u": "1/0", "nu": 1}, ArgumentError, "charge u: expected a number"),
    ("vector", {"u": "1/2/3", "nu": 1}, ArgumentError, "charge u: expected a number"),
    ("vector", {"u": True, "nu": 1}, ArgumentError, "charge u must be a real number"),
    ("vector", {"u": None, "nu": 1}, ArgumentError, "charge u must be one number, got None"),
    ("vector", {"u": [1, 2], "nu": 1}, ArgumentError, "charge u must be one number"),
    ("vector", {"u": np.nan, "nu": 1}, ArgumentError, "charge u: expected 0 or a number of order"),
    ("vector", {"u": 1e-9, "nu": 1}, ArgumentError, "got 1e-09: the coupling g_V has the size"),
    ("vector", {"u": 1, "q": 1, "nu": 1}, ArgumentError, "'q' gives that of u once more"),
    ("vector", {"u": 1, "n": 1, "nu": 1}, ArgumentError, "got u and n"),
    ("vector", {"u": 1, "nu": 1, "name": "a,b"}, ArgumentError, "expected a name of letters"),
    ("vector", {"u": 1, "nu": 1, "cite": "a b"}, ArgumentError, "expected keys of references.bib"),
    ("b-l", {"u": 1}, ArgumentError, "the charges of 'b-l' are fixed"),
    ("b-l", {"mixing": 1}, ArgumentError, "the charges of 'b-l' are fixed"),
    ("l_e-l_mu", {"u": 1}, ArgumentError, "give mixing alone"),
    ("vektor", {"u": 1}, UnknownNameError, "did you mean 'vector'"),
    ("vector[u=1,u=2,nu=1]", None, ArgumentError, "'u' is given twice"),
    ("vector[]", None, ArgumentError, "expected name=number"),
    ("vector[u=1,nu=]", None, ArgumentError, "expected name=number"),
    ("vector[u=1,nu=1]", {"u": 1}, ArgumentError, "has its charges: leave charges out"),
]


@pytest.mark.parametrize(("name", "charges", "error", "text"), REFUSED)
def test_what_is_refused(name, charges, error, text):
    with pytest.raises(error, match=text) as caught:
        interaction(name, charges=charges)
    assert "\n" not in str(caught.value)


def test_objects_have_their_charges_and_the_standard_model_none():
    with pytest.raises(ArgumentError, match="'b-l' has its charges"):
        interaction(interaction("b-l"), charges={"u": 1})
    with pytest.raises(ArgumentError, match="the Standard Model has no charges"):
        bc.rate(source="solar_8b", target="Xe", interaction="sm[u=1,nu=1]")


def test_a_file_of_charges(tmp_path: Path):
    path = tmp_path / "own.toml"
    path.write_text(
        'name = "own"\ncite = ["Freedman:1973yd"]\n[charges]\nu = 1\nd = "-1/2"\nnu = 1'
    )
    assert interaction("vector", charges=read_charges(path)) == vector(
        u=1, d=-0.5, nu=1, name="own", cite=["Freedman:1973yd"]
    )


@pytest.mark.parametrize(
    ("text", "error", "expected"),
    [
        ("u = 1", UnknownNameError, "unknown key of .* 'u'"),
        ("charges = 3", ArgumentError, r"expected a table \[charges\]"),
        ('name = "own"', ArgumentError, r"expected a table \[charges\]"),
        ("[charges", ArgumentError, "is no TOML"),
        ('name = "a"\n[charges]\nname = "b"', ArgumentError, "belongs above"),
    ],
)
def test_a_file_that_is_wrong(tmp_path: Path, text, error, expected):
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(error, match=expected):
        read_charges(path)
    with pytest.raises(ArgumentError, match=r"cannot read charges from .*: No such file"):
        read_charges(tmp_path / "none.toml")


# In models --------------------------------------------------------------------------------


def test_objects_go_wherever_names_do(xenonnt: Experiment):
    mine = vector(u=1, d=-1, nu=1)
    by_object = bc.rate(source="solar_8b", target="Xe", interaction=mine)
    by_name = bc.rate(source="solar_8b", target="Xe", interaction=mine.name)
    assert by_object.total(1.0, 10.0, 1e-9) == by_name.total(1.0, 10.0, 1e-9)
    specs = [ModelSpec.of([xenonnt], interaction=one) for one in (mine, mine.name)]
    assert specs[0] == specs[1]
    counts = [
        bc.expected_counts(xenonnt, interaction=one, mass_mev=10.0, coupling_product=1e-9)
        for one in (mine, mine.name)
    ]
    assert counts[0] == counts[1]
    one, two = (
        bc.asimov(xenonnt, interaction=new, mass_mev=10.0, coupling_product=1e-9)
        for new in (mine, mine.name)
    )
    np.testing.assert_array_equal(one.observed, two.observed)


def test_charges_that_no_neutrino_or_target_of_an_experiment_has(xenonnt: Experiment):
    reactor = bc.experiment("conus_plus")
    with pytest.raises(
        ChannelError, match=r"acts on nu_mu, anti_nu_mu, .* conus_plus are anti_nu_e"
    ):
        ModelSpec.of([reactor], interaction=vector(u=1, nu_mu=1))
    with pytest.raises(ChannelError, match="does not change the signal of xenonnt_cevns"):
        ModelSpec.of([xenonnt], interaction=vector(e=1, nu=1))
    with pytest.raises(ArgumentError, match="cites 'Me:2027abc', which has no entry"):
        ModelSpec.of([xenonnt], interaction=vector(u=1, nu=1, cite="Me:2027abc"))


def test_flavours_apart_change_the_way_through_the_sun(xenonnt: Experiment):
    """V = x c_nu (c_e + c_p + Y_n c_n) n_e / m^2 beside sqrt2 G_F n_e: at 4.06e-6 m for unity."""
    for name in ("b-3l_mu", "l_e-l_mu", "vector[p=1,nu_mu=1]"):
        with pytest.warns(PropagationWarning, match="acts on the propagation of solar neutrinos"):
            ModelSpec.of([xenonnt], interaction=name)
    with pytest.warns(PropagationWarning, match="at g_V = 4.1e-06 x mass / MeV"):
        ModelSpec.of([xenonnt], interaction="vector[p=1,nu_mu=1]")
    # Alike for all flavours, or charges that cancel in neutral matter: no warning (an error here).
    for name in ("b-l", "l_mu-l_tau", "millicharge-nu_e", "vector[p=1,e=-1,nu_e=1]"):
        ModelSpec.of([xenonnt], interaction=name)
    ModelSpec.of([bc.experiment("coherent_csi")], interaction="b-3l_mu")


@pytest.mark.parametrize("strength", [-0.1, 0.05, 0.3])
def test_heavy_charges_are_contact_interactions(xenonnt: Experiment, strength):
    """eps^u = g^2 c_nu u / (sqrt2 G_F m^2), against the tables of NSI; u and d differ."""
    mass, up, down = 1e5, 1.0, -0.6
    x = abs(strength) * ROOT2_G_F * mass**2
    sign = float(np.sign(strength))
    mine = RateTable(xenonnt, vector(u=up, d=down, nu=sign)).counts(mass).values
    expected = mine[0] + x * mine[1] + x**2 * mine[2]
    couplings = heavy_vector(sign, x * up, x * down, mass)
    assert couplings.up[0, 0] == pytest.approx(strength * up, rel=1e-6)
    (table,) = coupling_tables([xenonnt], bc.CouplingModel.of(["u", "d"]))
    found = table.spectra[0].counts([couplings.up[0, 0], couplings.down[0, 0]]).values
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 * expected.max())


@pytest.mark.parametrize("name", ["b-3l_e", "b-2l_e-l_mu", "b_y+l_mu+l_tau"])
def test_heavy_gauge_bosons_are_contact_interactions_of_each_flavour(name):
    """Q_a = Z (g_p + 3 eps_aa) + N (g_n + 3 eps_aa) with eps_aa = c_a g^2 / (3 sqrt2 G_F m^2)."""
    entry, mass, x = interaction(name), 1e6, 4.0
    assert isinstance(entry, VectorMediator)
    z, n, sin2 = XE.z, XE.n, 0.23857
    sm = nuclear_standard_model(XE, RECOILS, HELM)
    linear, quadratic = entry.nuclear_terms(XE, RECOILS, mass, HELM)
    for flavour, found in zip(FLAVOURS, sm + x * linear + x**2 * quadratic, strict=True):
        charge = entry.flavours[FLAVOURS.index(flavour)]
        epsilon = charge * x / (3 * ROOT2_G_F * mass**2)
        weak = z * (0.5 - 2 * sin2) - 0.5 * n
        ratio = (weak + 3 * (z + n) * epsilon) / weak
        np.testing.assert_allclose(found, sm[0] * ratio**2, rtol=1e-6)
    assert abs(x / (ROOT2_G_F * mass**2)) > 0.1


def test_a_changed_object_of_the_catalogue_is_another_model(xenonnt: Experiment):
    mixed = replace(interaction("l_mu-l_tau"), mixing=0.01)
    specs = [ModelSpec.of([xenonnt], interaction=one) for one in (mixed, "l_mu-l_tau")]
    one, two = (spec.tables()[0].counts(10.0).values for spec in specs)
    assert not np.allclose(one[1], two[1], rtol=0.1)
