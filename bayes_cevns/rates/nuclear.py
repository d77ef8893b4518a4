"""Nuclear recoils: coherent elastic neutrino-nucleus scattering, isotope by isotope."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.physics.form_factors import FormFactor, form_factor
from bayes_cevns.physics.interactions.standard_model import nuclear_standard_model
from bayes_cevns.physics.kinematics import minimum_neutrino_energy_mev
from bayes_cevns.physics.nuclei import Isotope, Target
from bayes_cevns.rates.base import Rate, fold
from bayes_cevns.sources import Source

type Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class NuclearRecoilRate(Rate):
    """dR/dT of nuclear recoils.

    Attributes
    ----------
    form_factor
        Name of the nuclear form factor.

    Notes
    -----
    dR/dT = N_T sum_i f_i dR_i/dT over natural isotopes i with mole fractions f_i, each with
    its own nuclear mass; N_T counts atoms by the mean atomic mass.
    """

    channel: ClassVar[str] = "cevns"
    energy: ClassVar[str] = "nuclear recoil energy"

    form_factor: str = "helm"

    def __post_init__(self) -> None:
        form_factor(self.form_factor)  # raises for an unknown name

    @property
    def recoil_mass_mev(self) -> float:
        """Mean nuclear mass of the target."""
        return self.target.mean_nuclear_mass_mev

    def _components(self, energy_mev: Array, masses_mev: Array) -> Array:
        common = _common(
            self.source, self.target, self.form_factor, energy_mev.tobytes(), energy_mev.shape
        )
        if self.interaction is None:
            return common.standard[None]
        new = np.zeros((2, *masses_mev.shape, *energy_mev.shape))
        for isotope, moments in zip(self.target.isotopes, common.moments, strict=True):
            recoil = common.recoil_mev
            terms = self.interaction.nuclear_terms(isotope, recoil, masses_mev, common.form)
            new[..., common.reached] += fold(terms, moments, masses_mev.ndim)
        return np.concatenate([np.broadcast_to(common.standard, new.shape[1:])[None], new])

    def _settings(self) -> tuple[object, ...]:
        return (self.form_factor,)


@dataclass(frozen=True, eq=False)
class _Common:
    """What all interactions and masses have in common at some energies.

    Attributes
    ----------
    form
        The form factor.
    reached
        Whether a neutrino of the source gives this recoil energy, shape R. Beyond, rates are
        zero whatever the cross section, which is not asked: its tables may end there.
    recoil_mev
        The recoil energies that are reached, shape (r,).
    moments
        Inverse moments times mole fraction, isotope by isotope, each of shape (6, 3, r).
    standard
        The Standard Model, shape R.
    """

    form: FormFactor
    reached: NDArray[np.bool_]
    recoil_mev: Array
    moments: Array
    standard: Array


@lru_cache(maxsize=16)
def _common(
    source: Source, target: Target, name: str, energies_mev: bytes, shape: tuple[int, ...]
) -> _Common:
    """Return what does not depend on interaction and mass: two thirds of the work."""
    energy = np.frombuffer(energies_mev).reshape(shape)
    form = Remembered(form_factor(name))
    nuclear = np.array([i.mass_mev for i in target.isotopes])[:, None]
    share = np.array([i.abundance for i in target.isotopes])[:, None]
    least = minimum_neutrino_energy_mev(energy, nuclear.min())
    reached = np.asarray(least <= source.highest_energy_mev)
    recoil = energy[reached]
    moments = share * source.inverse_moments(minimum_neutrino_energy_mev(recoil, nuclear))
    by_isotope = np.moveaxis(moments, 2, 0)
    standard = np.zeros(shape)
    for isotope, own in zip(target.isotopes, by_isotope, strict=True):
        standard[reached] += fold(nuclear_standard_model(isotope, recoil, form), own)
    return _Common(form, reached, recoil, by_isotope, standard)


class Remembered(FormFactor):
    """A form factor that is not evaluated again for the momentum transfers of the last time.

    The Standard Model, its interference and new physics need the same one of every isotope;
    for most of them it is the greater part of the work.
    """

    def __init__(self, form: FormFactor) -> None:
        self._form = form
        self._last: dict[tuple[bool, Isotope], tuple[Array, Array]] = {}

    def proton(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return F_p(q), shape of `q_mev`."""
        return self._value((True, isotope), np.asarray(q_mev, dtype=float))

    def neutron(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return F_n(q), shape of `q_mev`."""
        return self._value((False, isotope), np.asarray(q_mev, dtype=float))

    def _value(self, key: tuple[bool, Isotope], q_mev: Array) -> Array:
        if key not in self._last or not np.array_equal(self._last[key][0], q_mev):
            of_protons, isotope = key
            function = self._form.proton if of_protons else self._form.neutron
            self._last[key] = (q_mev, function(q_mev, isotope))
        return self._last[key][1]
