"""Nuclear recoils: coherent elastic neutrino-nucleus scattering, isotope by isotope."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.physics.foreign import checked_array, code_of, read_only
from bayes_cevns.physics.form_factors import FormFactor, form_factor
from bayes_cevns.physics.interactions import NUCLEUS
from bayes_cevns.physics.interactions.guard import nuclear_terms
from bayes_cevns.physics.interactions.standard_model import nuclear_standard_model
from bayes_cevns.physics.kinematics import minimum_neutrino_energy_mev
from bayes_cevns.physics.nuclei import Isotope, Target
from bayes_cevns.physics.theory import Theory
from bayes_cevns.rates.base import Rate, fold
from bayes_cevns.rates.moving_flux import fold_by_mass
from bayes_cevns.sources import Source


@dataclass(frozen=True, kw_only=True, repr=False)
class NuclearRecoilRate(Rate):
    """dR/dT of nuclear recoils.

    Attributes
    ----------
    theory
        Its form factor of neutrons is taken at q times its ``neutron_radius_scale``; spin structure
        functions stay as they are.

    Notes
    -----
    dR/dT = N_T sum_i f_i dR_i/dT over natural isotopes i with mole fractions f_i, each with
    its own nuclear mass; N_T counts atoms by the mean atomic mass.
    """

    channel: ClassVar[str] = "cevns"
    energy: ClassVar[str] = "nuclear recoil energy"

    @property
    def recoil_mass_mev(self) -> float:
        """Mean nuclear mass of the target."""
        return self.target.mean_nuclear_mass_mev

    def _components(self, energy_mev: Array, masses_mev: Array) -> Array:
        key = self.source, self.target, self.theory
        common = _common(*key, energy_mev.tobytes(), energy_mev.shape)
        if self.interaction is None:
            return common.standard[None]
        recoil = common.recoil_mev
        found = np.zeros((2, *masses_mev.shape, recoil.size))
        for k, isotope in enumerate(self.target.isotopes):
            terms = nuclear_terms(
                self.interaction, isotope, recoil, masses_mev, common.form, self.theory.charges
            )
            if self.interaction.axis.moves_flux:
                found += isotope.abundance * fold_by_mass(
                    terms, self.interaction, self.source, recoil, isotope.mass_mev, masses_mev
                )
                continue
            moments = common.alike if terms.shape[1] == 1 else common.by_flavour
            found += fold(terms, moments[k], masses_mev.ndim)
        new = np.zeros((2, *masses_mev.shape, *energy_mev.shape))
        new[..., common.reached] = found
        return np.concatenate([np.broadcast_to(common.standard, new.shape[1:])[None], new])

    def behind(self) -> tuple[object, ...]:
        """Return the interaction and the form factor."""
        return (*super().behind(), form_factor(self.theory.form_factor))

    def _settings(self) -> tuple[object, ...]:
        return (*self.theory.on(NUCLEUS), form_factor(self.theory.form_factor))


class _Common:
    """What all interactions and masses have in common at some energies, shape R.

    Attributes
    ----------
    form
        The form factor.
    reached
        Whether a neutrino of the source gives this recoil energy, shape R. Beyond, rates are
        zero whatever the cross section, which is not asked: its tables may end there.
    recoil_mev
        The recoil energies that are reached, shape (r,).
    alike
        Inverse moments of all flavours times mole fraction, isotope by isotope (i), shape
        (i, 1, 3, r).
    standard
        The Standard Model, shape R.
    """

    def __init__(self, source: Source, target: Target, theory: Theory, energy_mev: Array) -> None:
        self.form = form_factor_of(theory)
        self._source = source
        masses = np.array([i.mass_mev for i in target.isotopes])[:, None]
        self._share = np.array([i.abundance for i in target.isotopes])[:, None]
        lightest = minimum_neutrino_energy_mev(energy_mev, masses.min())
        self.reached = np.asarray(lightest <= source.highest_energy_mev)
        self.recoil_mev = energy_mev[self.reached]
        self._least = minimum_neutrino_energy_mev(self.recoil_mev, masses)
        total = self._share * source.total_inverse_moments(self._least)
        self.alike = np.moveaxis(total, 1, 0)[:, None]
        found = np.zeros(self.recoil_mev.size)
        moments = self.alike if theory.charges.alike else self.by_flavour
        for isotope, own in zip(target.isotopes, moments, strict=True):
            terms = nuclear_standard_model(isotope, self.recoil_mev, self.form, theory.charges)
            found += fold(terms, own)
        self.standard = np.zeros(energy_mev.shape)
        self.standard[self.reached] = found

    @cached_property
    def by_flavour(self) -> Array:
        """The same flavour by flavour, shape (i, 6, 3, r)."""
        moments = self._share * self._source.inverse_moments(self._least)
        return np.moveaxis(moments, 2, 0)


@lru_cache(maxsize=16)
def _common(
    source: Source,
    target: Target,
    theory: Theory,
    energies_mev: bytes,
    shape: tuple[int, ...],
) -> _Common:
    """Return what does not depend on interaction and mass: two thirds of the work."""
    return _Common(source, target, theory, np.frombuffer(energies_mev).reshape(shape))


def form_factor_of(theory: Theory) -> FormFactor:
    """Return the form factor of a theory, at its radius."""
    return Remembered(Stretched(form_factor(theory.form_factor), theory["neutron_radius_scale"]))


@dataclass(frozen=True)
class Stretched(FormFactor):
    """A form factor whose neutrons reach further out by a factor: F_n(q) becomes F_n(scale x q).

    Protons stay where they are: charge radii are known to 0.1% (Angeli and Marinova 2013).
    """

    form: FormFactor
    scale: float

    def proton(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return F_p, shape of `q_mev`."""
        return self.form.proton(q_mev, isotope)

    def neutron(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return F_n, shape of `q_mev`."""
        return self.form.neutron(self.scale * np.asarray(q_mev, dtype=float), isotope)

    def both(self, q_mev: ArrayLike, isotope: Isotope) -> tuple[Array, Array]:
        """Return F_p and F_n."""
        if self.scale == 1.0:
            return self.form.both(q_mev, isotope)
        return self.proton(q_mev, isotope), self.neutron(q_mev, isotope)


class Remembered(FormFactor):
    """A form factor that is not evaluated again for the momentum transfers of the last time.

    The Standard Model, its interference and new physics need the same one of every isotope;
    for most of them it is the greater part of the work.
    """

    def __init__(self, form: FormFactor) -> None:
        self._form = form
        self._last: dict[tuple[int, int], tuple[Array, tuple[Array, Array]]] = {}

    def proton(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return F_p(q), shape of `q_mev`."""
        return self.both(q_mev, isotope)[0]

    def neutron(self, q_mev: ArrayLike, isotope: Isotope) -> Array:
        """Return F_n(q), shape of `q_mev`."""
        return self.both(q_mev, isotope)[1]

    def both(self, q_mev: ArrayLike, isotope: Isotope) -> tuple[Array, Array]:
        """Return F_p(q) and F_n(q)."""
        q, key = np.asarray(q_mev, dtype=float), (isotope.z, isotope.a)
        if key not in self._last or not np.array_equal(self._last[key][0], q):
            # A copy of its own: whoever asked may change the array afterwards.
            self._last[key] = (q.copy(), self._asked(read_only(q), isotope))
        return self._last[key][1]

    def _asked(self, q: Array, isotope: Isotope) -> tuple[Array, Array]:
        """Return the form factors after checking them, as arrays that nobody can change."""
        form = self._form.form if isinstance(self._form, Stretched) else self._form
        who = f"form factor {type(form).__name__} of {isotope.symbol}-{isotope.a}"
        with code_of(who):
            proton, neutron = self._form.both(q, isotope)
        return (
            read_only(checked_array(who, proton, (q.shape,))),
            read_only(checked_array(who, neutron, (q.shape,))),
        )
