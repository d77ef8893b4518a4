"""The default form factor: which nuclei have a neutron skin, and that there is one default."""

from __future__ import annotations

import csv
import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import bayes_cevns
from bayes_cevns.cards import experiment
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.inference.profile.parameter import Interval
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics.form_factors import (
    FORM_FACTORS,
    HelmRms,
    form_factor,
    helm,
    helm_rms,
    hoferichter2020,
    klein_nystrand,
    standard,
)
from bayes_cevns.physics.nuclei import isotope, target
from bayes_cevns.physics.radii import neutron_radii_fm, point_radii_fm, rms_radii_fm
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates.nuclear import Stretched
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.resources import data_file
from bayes_cevns.studies.neutron_radius import neutron_radius_text

Q = np.array([0.0, 10.0, 30.0, 60.0, 90.0])
ROOT = Path(bayes_cevns.__file__).parent


@pytest.mark.parametrize("label", ["Cs-133", "I-127"])
def test_caesium_and_iodine_take_the_shell_model(label: str) -> None:
    nucleus = isotope(label)
    for found, expected in zip(
        standard.both(Q, nucleus), hoferichter2020.both(Q, nucleus), strict=True
    ):
        np.testing.assert_array_equal(found, expected)
    assert standard.cite_for(nucleus) == ("Hoferichter:2020osn",)


@pytest.mark.parametrize("name", ["Xe", "Ar", "Ge", "Si"])
def test_other_nuclei_take_helm(name: str) -> None:
    for nucleus in target(name).isotopes:
        for found, expected in zip(standard.both(Q, nucleus), helm.both(Q, nucleus), strict=True):
            np.testing.assert_array_equal(found, expected)
        assert standard.cite_for(nucleus) == helm.cite


def test_the_list_says_which_is_the_default() -> None:
    assert form_factor(DEFAULT_FORM_FACTOR) is standard
    first_line = (type(standard).__doc__ or "").partition("\n")[0]
    assert first_line.startswith("The default: shell model of Cs and I, Helm")
    others = [type(f).__doc__ or "" for n, f in FORM_FACTORS.items() if n != DEFAULT_FORM_FACTOR]
    assert not any("default" in text.partition("\n")[0] for text in others)


def _functions() -> list[tuple[str, inspect.Parameter]]:
    """Return every parameter `form_factor` with a default in the package, where it is defined."""
    found = []
    for info in pkgutil.walk_packages([str(ROOT)], "bayes_cevns."):
        module = importlib.import_module(info.name)
        for name, member in vars(module).items():
            if getattr(member, "__module__", None) != info.name or not callable(member):
                continue
            methods = vars(member).items() if inspect.isclass(member) else ()
            callables = [(name, member), *((f"{name}.{m}", f) for m, f in methods)]
            for where, function in callables:
                if isinstance(function, classmethod | staticmethod):
                    function = function.__func__
                try:
                    parameters = inspect.signature(function).parameters
                except (TypeError, ValueError):
                    continue
                given = parameters.get("form_factor")
                if given is not None and given.default is not inspect.Parameter.empty:
                    found.append((f"{info.name}.{where}", given))
    return found


def test_every_function_and_command_has_the_one_default() -> None:
    found = _functions()
    assert len(found) > 30
    others = {where: p.default for where, p in found if p.default != DEFAULT_FORM_FACTOR}
    assert others == {}


@pytest.mark.parametrize("label", ["Cs-133", "I-127", "Xe-132", "Ge-74", "Ar-40"])
def test_radii_of_helm_are_those_of_its_formula(label: str) -> None:
    nucleus = isotope(label)
    c = 1.23 * nucleus.a ** (1 / 3) - 0.60
    square = 0.6 * (c**2 + 7 / 3 * np.pi**2 * 0.52**2 - 5 * 0.81) + 3 * 0.81
    assert rms_radii_fm(helm, nucleus) == pytest.approx([np.sqrt(square)] * 2, rel=1e-5)
    measured = nucleus.charge_radius_fm
    assert measured is not None
    assert rms_radii_fm(helm_rms, nucleus) == pytest.approx([measured, measured + 0.2], rel=1e-5)


def test_neutron_radii_of_csi() -> None:
    """The slope of F_n, with the sizes of nucleons; Helm has 4.80 and 4.74 fm for both."""
    radii = neutron_radii_fm(standard, target("CsI"))
    assert radii == pytest.approx({"Cs": 5.067, "I": 4.991}, abs=0.001)
    for label, neutron in (("Cs-133", 5.067), ("I-127", 4.991)):
        proton = rms_radii_fm(standard, isotope(label))[0]
        assert neutron - proton == pytest.approx(0.27, abs=0.02)


#: Rms radii of point protons and neutrons in fm.
POINTS = {"Cs-133": (4.728, 4.999), "I-127": (4.666, 4.923)}


@pytest.mark.parametrize("label", POINTS)
def test_radii_of_point_nucleons_are_the_second_moments_of_the_responses(label: str) -> None:
    """The skin, 0.271 and 0.257 fm, against the slope of (M_plus -+ M_minus) / 2 in numbers."""
    nucleus, q2 = isotope(label), 1e-6
    responses = {}
    with data_file("nuclei/hoferichter2020.csv").open() as stream:
        for row in csv.DictReader(line for line in stream if not line.startswith("#")):
            if (int(row["z"]), int(row["a"])) == (nucleus.z, nucleus.a):
                u = 0.5 * q2 * float(row["b_fm"]) ** 2
                series = sum(float(row[f"c{k}"]) * u**k for k in range(6))
                responses[row["operator"]] = np.exp(-u / 2) * series
    expected = [
        np.sqrt(6 / q2 * (1 - 0.5 * (responses["m_plus"] + sign * responses["m_minus"]) / count))
        for sign, count in ((1, nucleus.z), (-1, nucleus.n))
    ]
    found = standard.point_radii_fm(nucleus)
    assert found == pytest.approx(expected, rel=1e-4)
    assert found == pytest.approx(POINTS[label], abs=5e-4)


def test_only_the_shell_model_tells_point_neutrons_from_their_sizes() -> None:
    points = point_radii_fm(standard, target("CsI"))
    assert points["Cs"] == pytest.approx((4.728, 4.999), abs=5e-4)
    assert points["I"] == pytest.approx((4.666, 4.923), abs=5e-4)
    assert point_radii_fm(helm, target("CsI")) == {}
    assert point_radii_fm(standard, target("Xe")) == {}
    assert set(point_radii_fm(hoferichter2020, target("Xe"))) == {"Xe"}


@pytest.mark.parametrize(("skin_fm", "events"), [(0.0, 347.1), (0.13, 332.1), (0.27, 316.3)])
def test_events_of_csi_with_measured_charge_radii_and_a_skin(
    monkeypatch: pytest.MonkeyPatch, skin_fm: float, events: float
) -> None:
    """Numbers of the docstring of `Standard`, which has 321.6."""
    monkeypatch.setitem(FORM_FACTORS, "skin", HelmRms(neutron_shift_fm=skin_fm))
    table = RateTable(experiment("coherent_csi"), None, Theory("skin"))
    assert float(table.nominal()[0]) == pytest.approx(events, abs=0.1)


@pytest.mark.parametrize("form", [standard, hoferichter2020, helm, helm_rms, klein_nystrand])
@pytest.mark.parametrize("scale", [0.6, 0.9, 1.0, 1.28, 1.6])
def test_the_scale_of_radii_is_that_of_neutrons_of_every_form_factor(form, scale: float) -> None:
    """F_n(q) -> F_n(scale q): all lengths of neutrons times the scale, the shell model's alike."""
    for label in ("Cs-133", "I-127"):
        nucleus = isotope(label)
        protons, neutrons = rms_radii_fm(form, nucleus)
        expected = [protons, scale * neutrons]
        assert rms_radii_fm(Stretched(form, scale), nucleus) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("label", ["Cs-133", "I-127"])
def test_the_shell_model_stays_a_form_factor_where_nodes_of_the_radius_take_it(label: str) -> None:
    """Helm's with the same radii, up to 1.6 times the momentum of 50 keV on caesium, 112 MeV."""
    nucleus, q = isotope(label), np.linspace(0.0, 1.6 * 112.0, 400)
    radii = [((label, radius),) for radius in rms_radii_fm(standard, nucleus)]
    alike = HelmRms(proton_radii_fm=radii[0], neutron_radii_fm=radii[1])
    for values, expected in zip(standard.both(q, nucleus), alike.both(q, nucleus), strict=True):
        np.testing.assert_allclose(values, expected, atol=0.04)


def test_what_is_cited_is_what_is_used() -> None:
    keys = {
        name: bayes_cevns.citations(ModelSpec.of([experiment(name)]))
        for name in ("xenonnt_cevns", "coherent_csi")
    }
    assert "Lewin:1995rx" in keys["xenonnt_cevns"]
    assert "Hoferichter:2020osn" not in keys["xenonnt_cevns"]
    assert "Hoferichter:2020osn" in keys["coherent_csi"]
    assert "Lewin:1995rx" not in keys["coherent_csi"]


@dataclass(frozen=True)
class Profiled:
    """What `neutron_radius_text` reads of a profile: the measured one of CsI."""

    parameter: str = "neutron_radius_scale"
    level: float = 0.9
    best: float = 1.081
    intervals: tuple[Interval, ...] = (Interval(0.930, 1.222),)


def test_a_scale_of_radii_is_told_in_fm() -> None:
    """5.47 +- 0.38 fm of CsI in arXiv:2303.09360 is the radius of a Helm form factor, as of F_n."""
    csi = [experiment("coherent_csi")]
    caesium, points, skin, iodine, *_ = neutron_radius_text(Profiled(), csi, Theory()).splitlines()
    assert "Cs, rms radius of F_n (with the sizes of nucleons): best fit 5.478 fm" in caesium
    assert "90% CL region [4.713, 6.192] fm (5.067 fm at neutron_radius_scale = 1)" in caesium
    # sqrt(5.478^2 - 5.067^2 + 4.999^2), not 1.081 x 4.999: nucleons do not grow with the nucleus
    assert "Cs, rms radius of point neutrons: best fit 5.415 fm" in points
    assert "90% CL region [4.639, 6.136] fm (4.999 fm at neutron_radius_scale = 1)" in points
    # 5.415 - 4.728 fm of point protons, which the scale does not move
    assert "Cs, neutron skin, over point protons: best fit 0.6868 fm" in skin
    assert "(0.2711 fm at neutron_radius_scale = 1)" in skin
    assert "I, rms radius of F_n (with the sizes of nucleons): best fit 5.395 fm" in iodine
    alone, over, *_ = neutron_radius_text(Profiled(), csi, Theory("helm")).splitlines()
    assert "Cs, rms radius of F_n" in alone
    assert "(4.805 fm at" in alone
    # 1.081 x 4.805 fm less the measured charge radius, 4.804 fm
    assert "Cs, neutron skin, over the measured charge radius: best fit 0.3896 fm" in over
    assert neutron_radius_text(Profiled(parameter="flux_8b"), csi, Theory()) == ""


def test_a_larger_radius_moves_neutrons_and_no_protons() -> None:
    nucleus = isotope("Cs-133")
    larger = Stretched(standard, 1.1)
    protons, neutrons = larger.both(Q, nucleus)
    np.testing.assert_array_equal(protons, standard.proton(Q, nucleus))
    np.testing.assert_array_equal(neutrons, standard.neutron(1.1 * Q, nucleus))
    before, after = rms_radii_fm(standard, nucleus), rms_radii_fm(larger, nucleus)
    assert after[0] == before[0]
    assert after[1] == pytest.approx(1.1 * before[1], rel=1e-6)
