"""Interactions, form factors and functions of others that break their contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from bayes_cevns.detectors import ConstantQuenching, DetectorResponse, GaussianResolution
from bayes_cevns.detectors.quenching import Quenching
from bayes_cevns.errors import ChannelError, PlugInError
from bayes_cevns.physics.form_factors import FORM_FACTORS, FormFactor
from bayes_cevns.physics.interactions import interaction
from bayes_cevns.physics.interactions.base import Interaction
from bayes_cevns.physics.interactions.coupling import UNIVERSAL
from bayes_cevns.physics.nuclei import target
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates.build import build_rate
from bayes_cevns.sources import Line, Source, source

RECOILS = np.array([0.5, 1.0, 2.0])
MASSES = np.array([1.0, 10.0])


@dataclass(frozen=True, kw_only=True)
class Own(Interaction):
    """An interaction that answers what it is made with: a function of the right answer."""

    answer: Any

    @property
    def interferes_on(self):
        return self.scatters_on

    def nuclear_terms(self, isotope, recoil_energy_mev, mediator_mass_mev, form_factor):
        right = interaction("vector-universal").nuclear_terms(
            isotope, recoil_energy_mev, mediator_mass_mev, form_factor
        )
        return self.answer(right.copy(), recoil_energy_mev, mediator_mass_mev, form_factor, isotope)

    def electron_terms(self, recoil_energy_mev, mediator_mass_mev):
        right = interaction("vector-universal").electron_terms(recoil_energy_mev, mediator_mass_mev)
        return self.answer(right.copy(), recoil_energy_mev, mediator_mass_mev, None, None)


def components(channel: str, answer: Any, *, recoils=RECOILS, **changed: Any):
    own = Own(
        **{
            "name": "mine",
            "title": "mine",
            "formula": "x",
            "coupling": UNIVERSAL,
            "cite": (),
            "answer": answer,
            **changed,
        }
    )
    rate = build_rate(channel, source=source("solar_8b"), target=target("Xe"), interaction=own)
    return rate.components(recoils, MASSES)


def with_value(value: float):
    def answer(right, *_):
        right[1, 0, 0, 1, 2] = value
        return right

    return answer


def change(array):
    array *= 2
    return array


WRONG = {
    "None": (lambda *_: None, "returned None, expected an array of numbers"),
    "words": (lambda *_: "a lot", "returned 'a lot', expected an array of numbers"),
    "rows": (lambda *_: [[1.0], [1.0, 2.0]], r"returned \[\[1.0\]"),
    "one number": (lambda *_: 1.0, r"returned an array of shape \(\), expected \(2, 1, 3, 2, 3\)"),
    "no masses": (lambda right, *_: right[:, :, :, 0], r"of shape \(2, \d, 3, 3\), expected"),
    "nan": (with_value(np.nan), "returned nan, expected finite numbers"),
    "inf": (with_value(np.inf), "returned inf, expected finite numbers"),
    "failing": (lambda *_: 1 / 0, r"failed \(ZeroDivisionError: division by zero\)"),
    "changes the energies": (lambda _, recoil, *__: change(recoil), "let it change a copy"),
    "changes the masses": (lambda _, __, masses, *___: change(masses), "let it change a copy"),
}


@pytest.mark.parametrize("channel", ["cevns", "electron"])
@pytest.mark.parametrize("case", WRONG)
def test_wrong_terms_are_one_error_that_names_the_interaction(channel, case):
    answer, message = WRONG[case]
    before = RECOILS.copy(), MASSES.copy()
    with pytest.raises(PlugInError, match=message) as caught:
        components(channel, answer)
    text = str(caught.value)
    assert text.startswith("interaction 'mine': ")
    assert "\n" not in text
    assert len(text) < 300
    np.testing.assert_array_equal(RECOILS, before[0])
    np.testing.assert_array_equal(MASSES, before[1])


def test_a_form_factor_that_is_changed_is_not_remembered():
    """What the Standard Model and other interactions were given would be wrong from then on."""

    def answer(right, recoil, _, form, isotope):
        form.neutron(np.sqrt(2 * isotope.mass_mev * recoil), isotope)[:] = 0
        return right

    with pytest.raises(PlugInError, match=r"nuclear_terms on Xe-124 failed .*let it change a copy"):
        components("cevns", answer)


@pytest.mark.parametrize("channel", ["cevns", "electron"])
def test_terms_too_large_for_a_rate_are_named(channel):
    with pytest.raises(PlugInError, match=r"interaction 'mine' makes rates above 1e\+150"):
        components(channel, lambda right, *_: np.full(right.shape, 1e300))


def test_errors_of_the_package_stay_what_they_are():
    def answer(*_):
        raise ChannelError("not on xenon")

    with pytest.raises(ChannelError, match=r"^not on xenon$"):
        components("cevns", answer)


@pytest.mark.parametrize(
    ("channel", "factors", "changed", "where"),
    [
        ("cevns", (1.0, -1.0), {}, "large couplings"),
        ("electron", (1.0, -1.0), {}, "large couplings"),
        ("cevns", (1.5, 1.0), {}, "x = "),  # I^2 > 4 S P
        ("electron", (30.0, 1.0), {}, "x = "),  # flavours cancel in I
        ("cevns", (1.0, 0.0), {}, "x = "),
        ("cevns", (1.0, -1.0), {"product_range": (-1e-9, 1e-9)}, "x = "),
        ("cevns", (1.5, 1.0), {"sign_fixed": True}, "x = "),
    ],
)
def test_negative_rates(channel, factors, changed, where):
    """The terms of a vector, each times a factor: no squared amplitude any more."""

    def answer(right, *_):
        return right * np.reshape(factors, (2, 1, 1, 1, 1))

    with pytest.raises(PlugInError, match=f"'mine' makes negative rates for {where}"):
        components(channel, answer, **changed)


@pytest.mark.parametrize(
    ("factors", "changed"),
    [
        ((1.0, 1.0), {}),
        ((0.0, 1.0), {"sign_fixed": True}),
        ((-1.5, 1.0), {"sign_fixed": True}),  # negative for x < 0 alone
        ((1.0, 0.0), {"product_range": (-1e-13, 1e-13)}),
        ((-1.0, -1.0), {"product_range": (-1e-13, 1e-13)}),
    ],
)
def test_rates_that_are_positive_where_couplings_may_be(factors, changed):
    parts = components(
        "cevns", lambda right, *_: right * np.reshape(factors, (2, 1, 1, 1, 1)), **changed
    )
    right = components("cevns", lambda right, *_: right)
    np.testing.assert_allclose(parts[1:], right[1:] * np.reshape(factors, (2, 1, 1)), rtol=1e-12)


class OwnForm(FormFactor):
    """A form factor that answers what it is made with."""

    cite = ()

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def proton(self, q_mev, _):
        return self.answer(q_mev)

    def neutron(self, q_mev, _):
        return self.answer(q_mev)

    def both(self, q_mev, _):
        return self.answer(q_mev), self.answer(q_mev)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda _: None, "returned None"),
        (lambda q: q * np.nan, "returned nan, expected finite"),
        (lambda _: np.ones(7), r"shape \(7,\), expected \(3,\)"),
        (lambda _: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_wrong_form_factors(answer, message, monkeypatch):
    monkeypatch.setitem(FORM_FACTORS, "own", OwnForm(answer))
    rate = build_rate(
        "cevns",
        source=Source("beam", {"nu_e": (Line("line", 29.8, 1e7),)}),
        target=target("Xe"),
        interaction=None,
        theory=Theory("own"),
    )
    with pytest.raises(PlugInError, match=f"form factor OwnForm of Xe-124 .*{message}"):
        rate.components(RECOILS)


class OwnQuenching(Quenching):
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def electron_equivalent_kev(self, recoil_energy_kev):
        return self.answer(recoil_energy_kev)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda _: None, "returned None"),
        (lambda e: e * np.inf, "returned inf"),
        (lambda e: e[:1], r"shape \(1,\), expected \(3,\)"),
        (change, "let it change a copy"),
    ],
)
@pytest.mark.parametrize("part", ["quenching", "resolution", "efficiency", "acceptance"])
def test_wrong_functions_of_a_detector(part, answer, message):
    given = RECOILS.copy()
    smear = GaussianResolution(lambda e: 0.05 + 0 * e)
    parts: dict[str, Any] = {"quenching": ConstantQuenching(1.0), "resolution": smear}
    if part == "quenching":
        parts["quenching"] = OwnQuenching(answer)
    elif part == "resolution":
        parts["resolution"] = GaussianResolution(answer)
        message = message.replace(r"\(1,\), expected \(3,\)", r"\(1, 1\), expected \(3, 1\)")
    else:
        parts[part] = answer
        part = "efficiency"
        message = message.replace(r"\(3,\)", r"\(\d+,\)")
    with pytest.raises(PlugInError, match=f"{part} .*{message}"):
        DetectorResponse(np.array([0.3, 1.0, 3.0]), **parts).matrix(given)
    np.testing.assert_array_equal(given, RECOILS)


def test_a_weight_that_changes_the_energies_of_a_source():
    with pytest.raises(PlugInError, match=r"weight change of 'solar_8b' .*let it change a copy"):
        source("solar_8b").times(change)
