"""What rates ask of an interaction, with checks of what it answers: plug-ins and our own alike."""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.errors import PlugInError
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.physics.foreign import checked_array, code_of, read_only
from bayes_cevns.physics.form_factors import FormFactor
from bayes_cevns.physics.interactions.base import ELECTRON, NUCLEUS, Interaction, Interfering
from bayes_cevns.physics.kinematics import POWERS
from bayes_cevns.physics.nuclei import Isotope
from bayes_cevns.physics.weak_charges import TREE, WeakCharges

#: Rounding that is allowed: of a rate, and of the largest one, where it goes to zero at its end.
_OF_ITSELF, _OF_LARGEST = 1e-6, 1e-9

#: Rates beyond this, with x^2 and exposure, are no numbers any more.
_LARGEST = 1e150


def nuclear_terms(
    interaction: Interaction,
    isotope: Isotope,
    recoil_energy_mev: Array,
    mediator_mass_mev: Array,
    form_factor: FormFactor,
    weak: WeakCharges,
) -> Array:
    """Return `Interaction.nuclear_terms` after checking them.

    Raises
    ------
    PlugInError
        If they are not finite numbers of the right shape, the method fails or changes its
        arguments, or it interferes with charges of tree level where others are asked for.
    """
    who = f"interaction {interaction.name!r}: nuclear_terms on {isotope.symbol}-{isotope.a}"
    recoil, masses = read_only(recoil_energy_mev), read_only(mediator_mass_mev)
    with code_of(who):
        if isinstance(interaction, Interfering):
            returned = interaction.nuclear_terms(isotope, recoil, masses, form_factor, weak)
        else:
            _check_tree(interaction, NUCLEUS, weak)
            returned = interaction.nuclear_terms(isotope, recoil, masses, form_factor)
    return checked_array(who, returned, _shapes(masses, recoil))


def electron_terms(
    interaction: Interaction,
    recoil_energy_mev: Array,
    mediator_mass_mev: Array,
    weak: WeakCharges,
) -> Array:
    """Return `Interaction.electron_terms` after checking them, as `nuclear_terms`."""
    who = f"interaction {interaction.name!r}: electron_terms"
    recoil, masses = read_only(recoil_energy_mev), read_only(mediator_mass_mev)
    with code_of(who):
        if isinstance(interaction, Interfering):
            returned = interaction.electron_terms(recoil, masses, weak)
        else:
            _check_tree(interaction, ELECTRON, weak)
            returned = interaction.electron_terms(recoil, masses)
    return checked_array(who, returned, _shapes(masses, recoil))


def _check_tree(interaction: Interaction, target: str, weak: WeakCharges) -> None:
    """Check that an interaction that is not given the charges of the Standard Model needs none."""
    if target in interaction.interferes_on and weak != TREE:
        raise PlugInError(
            f"interaction {interaction.name!r} interferes with charges of tree level: derive it "
            "from Interfering, whose methods are given those with radiative corrections, or use "
            "weak_charges = tree"
        )


def _shapes(masses: Array, recoil: Array) -> tuple[tuple[int, ...], ...]:
    rest = (POWERS, *masses.shape, *recoil.shape)
    return tuple((2, flavours, *rest) for flavours in (1, len(FLAVOURS)))


def check_rates(interaction: Interaction, components: Array) -> None:
    """Check that no coupling that an interaction allows gives a negative rate.

    Parameters
    ----------
    interaction
        The interaction.
    components
        Rates S, I, P of S + x I + x^2 P, shape (3, *M, *R).

    Raises
    ------
    PlugInError
        If a rate is too large for a number, or negative, by more than rounding, for a coupling in
        its range.

    Notes
    -----
    A rate is least at x = -I/(2 P), or at the end of the range of x that is next to it. A squared
    amplitude never gives less than zero there.
    """
    if not np.all(np.abs(components) < _LARGEST):
        raise PlugInError(
            f"interaction {interaction.name!r} makes rates above {_LARGEST:g}: expected terms in "
            "the units of its docstring, see bayes_cevns.physics.interactions.base"
        )
    standard, interference, quadratic = components
    low, high = interaction.product_range
    low = max(low, 0.0) if interaction.sign_fixed else low
    largest = float(quadratic.max(initial=0.0))
    if not np.isfinite([low, high]).all() and np.any(quadratic < -_OF_LARGEST * largest):
        raise _negative(interaction, "large couplings")
    if not np.any(interference):
        ends = [np.asarray(x) for x in (low, high) if np.isfinite(x)]
    else:
        curvature = np.maximum(quadratic, max(1e-12 * largest, 1e-300))
        with np.errstate(over="ignore"):
            ends = [np.clip(-0.5 * interference / curvature, low, high)]
    rounding = _OF_ITSELF * standard + _OF_LARGEST * float(standard.max(initial=0.0))
    for x in ends:
        least = standard + x * (interference + x * quadratic)
        if np.any(least < -rounding):
            worst = np.broadcast_to(x, least.shape).flat[int(np.argmin(least + rounding))]
            raise _negative(interaction, f"x = {worst:.3g}")


def _negative(interaction: Interaction, where: str) -> PlugInError:
    return PlugInError(
        f"interaction {interaction.name!r} makes negative rates for {where}: its terms are no "
        "squared amplitude, or its product_range is too wide"
    )
