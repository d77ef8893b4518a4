"""Charge and light that a nuclear recoil makes in liquid xenon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.detectors.checks import check_outside, curve, energies, interpolate, positive
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.storage.resources import data_file

#: sqrt(131.293 / 131): NEST scales its yields, made for A = 131, to the natural element.
_MASS_SCALE = float(np.sqrt(131.293 / 131.0))
_REFERENCE_DENSITY = 2.9


@dataclass(frozen=True)
class NestNuclearYields:
    """Mean charge and light yields of NEST for nuclear recoils in liquid xenon.

    Attributes
    ----------
    field_v_per_cm
        Drift field F.
    density_g_per_cm3
        Density rho of the liquid.
    alpha, beta
        Total quanta alpha E^beta.
    gamma, delta
        Field dependence gamma F^delta of the recombination.
    epsilon, exponent
        Energy dependence of the charge yield, (E + epsilon)^exponent.
    zeta, eta, charge_exponent
        Roll-off of the charge at low energies, {1 - 1/[1 + (E/zeta)^eta]^charge_exponent}.
    theta, iota, light_exponent
        The same for light.
    whole_quanta
        Whether recoils make nothing where the mean of all their quanta is less than one.

    Notes
    -----
    With T the recoil energy in keV and TI = gamma F^delta (rho/2.9)^0.3:
    charge = {1 - 1/[1 + (T/zeta)^eta]^p} / (TI (T + epsilon)^exponent),
    light = (alpha T^(beta-1) - charge) {1 - 1/[1 + (T/theta)^iota]^p'}, both times
    sqrt(131.293/131) = 1.0011. These are means, and go to zero as T^2. The program NEST (nestpy
    2.1.3) returns neither charge nor light where both together are less than one quantum: below
    0.21297 keV at 23 V/cm, 0.21078 at 81, 0.20614 at 1000. `whole_quanta` does the same.

    References
    ----------
    NEST, src/NEST.cpp (GetYieldNR) with its 12 default parameters: Szydagis et al., Instruments 5
    (2021) 13, arXiv:2102.10209. W = 13.7 eV convention ("OldW13eV").
    """

    field_v_per_cm: float
    density_g_per_cm3: float = _REFERENCE_DENSITY
    alpha: float = 11.0
    beta: float = 1.1
    gamma: float = 0.0480
    delta: float = -0.0533
    epsilon: float = 12.6
    zeta: float = 0.3
    eta: float = 2.0
    theta: float = 0.3
    iota: float = 2.0
    exponent: float = 0.5
    charge_exponent: float = 1.0
    light_exponent: float = 1.0
    whole_quanta: bool = False

    def __post_init__(self) -> None:
        for name in ("field_v_per_cm", "density_g_per_cm3", "alpha", "gamma", "zeta", "theta"):
            positive(getattr(self, name), name)

    def charge_per_kev(self, recoil_energy_kev: ArrayLike) -> Array:
        """Return electrons per keV for recoil energies > 0 in keV, same shape."""
        recoil = _positive(recoil_energy_kev)
        return self._cut(recoil, self._charge(recoil))

    def light_per_kev(self, recoil_energy_kev: ArrayLike) -> Array:
        """Return photons per keV for recoil energies > 0 in keV, same shape.

        Never negative: where the charge exceeds all quanta, at low energies and with unusual
        parameters, there is no light.
        """
        recoil = _positive(recoil_energy_kev)
        return self._cut(recoil, self._light(recoil))

    def _cut(self, recoil: Array, unscaled: Array) -> Array:
        """Return a yield per keV for the natural element, zero below one quantum if so chosen."""
        found = _MASS_SCALE * unscaled
        if self.whole_quanta:
            quanta = _MASS_SCALE * recoil * (self._charge(recoil) + self._light(recoil))
            found = np.where(quanta < 1.0, 0.0, found)
        return np.asarray(found)

    def _light(self, recoil: Array) -> Array:
        quanta = self.alpha * recoil ** (self.beta - 1.0)
        left = np.maximum(quanta - self._charge(recoil), 0.0)
        rolled = _roll_off(recoil, self.theta, self.iota, self.light_exponent)
        return np.asarray(left * rolled)

    def _charge(self, recoil: Array) -> Array:
        density = (self.density_g_per_cm3 / _REFERENCE_DENSITY) ** 0.3
        recombination = self.gamma * self.field_v_per_cm**self.delta * density
        rolled = _roll_off(recoil, self.zeta, self.eta, self.charge_exponent)
        return np.asarray(rolled / (recombination * (recoil + self.epsilon) ** self.exponent))


#: Published parameters: the defaults of NEST, and those of LZ (WS2024, arXiv:2410.17036).
_NEST_SETS: dict[str, dict[str, float]] = {
    "nest": {},
    "lz-ws2024": {
        "alpha": 10.19,
        "beta": 1.11,
        "gamma": 0.0498,
        "delta": -0.0533,
        "epsilon": 12.46,
        "zeta": 0.2942,
        "eta": 1.899,
        "theta": 0.3197,
        "iota": 2.066,
        "exponent": 0.509,
        "charge_exponent": 0.996,
        "light_exponent": 0.999,
    },
}


def nest_nuclear_yields(
    parameters: str = "nest", *, field_v_per_cm: float, whole_quanta: bool = False
) -> NestNuclearYields:
    """Return the NEST yields with a published set of parameters, ``"nest"`` or ``"lz-ws2024"``.

    Parameters
    ----------
    parameters
        Name of the set.
    field_v_per_cm, whole_quanta
        As in `NestNuclearYields`.

    Raises
    ------
    UnknownNameError
        If there is no such set; the known ones are listed.
    """
    if parameters not in _NEST_SETS:
        raise UnknownNameError("set of NEST parameters", parameters, _NEST_SETS)
    return NestNuclearYields(field_v_per_cm, **_NEST_SETS[parameters], whole_quanta=whole_quanta)


@dataclass(frozen=True, eq=False, repr=False)
class TabulatedYield(Displayed):
    """Quanta per keV, linear in recoil energy between the points of a table.

    Attributes
    ----------
    energy_kev, quanta_per_kev
        Recoil energies, increasing, and the yield there, shape (n,).
    outside
        ``"error"`` (default), or ``"zero"``: recoils outside the table make nothing.
    """

    energy_kev: Array
    quanta_per_kev: Array
    outside: str = "error"

    def __post_init__(self) -> None:
        energy, quanta = curve(self.energy_kev, self.quanta_per_kev, "yield table")
        object.__setattr__(self, "energy_kev", energy)
        object.__setattr__(self, "quanta_per_kev", quanta)
        check_outside(self.outside)

    def __call__(self, recoil_energy_kev: ArrayLike) -> Array:
        """Return quanta per keV, same shape.

        Raises
        ------
        TableError
            If an energy is outside the table and `outside` is ``"error"``.
        """
        recoil = energies(recoil_energy_kev, "nuclear recoil energies in keV")
        table = self.energy_kev, self.quanta_per_kev
        return interpolate(recoil, *table, outside=self.outside, what="yield table")


_RUNS = ("run0", "run1")
_KINDS = ("charge", "light")


def pandax4t_yield(run: str, kind: str, *, outside: str = "error") -> TabulatedYield:
    """Return a measured yield of PandaX-4T, from about 1.1 to 10 keV.

    Parameters
    ----------
    run
        ``"run0"`` or ``"run1"``.
    kind
        ``"charge"`` or ``"light"``.
    outside
        As in `TabulatedYield`.

    Raises
    ------
    UnknownNameError
        If the run or the kind is not known.

    References
    ----------
    PandaX-4T, arXiv:2403.04239, Fig. 17, digitised; see ``data/yields/REFERENCE``.
    """
    for what, name, known in (("PandaX-4T run", run, _RUNS), ("yield", kind, _KINDS)):
        if name not in known:
            raise UnknownNameError(what, name, known)
    with data_file(f"yields/pandax4t_{run}_{kind}.csv").open() as stream:
        rows = [line for line in stream if line[:1].isdigit()]
    energy, quanta = np.loadtxt(rows, delimiter=",", unpack=True)
    return TabulatedYield(energy, quanta, outside)


def _positive(recoil_energy_kev: ArrayLike) -> Array:
    recoil = energies(recoil_energy_kev, "nuclear recoil energies in keV")
    if np.any(recoil == 0):
        raise ArgumentError("a yield per keV needs a recoil energy > 0 keV")
    return recoil


def _roll_off(recoil: Array, scale: float, power: float, exponent: float) -> Array:
    """Return 1 - 1/[1 + (T/scale)^power]^exponent without losing digits at low T."""
    return np.asarray(-np.expm1(-exponent * np.log1p((recoil / scale) ** power)))
