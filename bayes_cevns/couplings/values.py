"""Values of couplings by their names, of which some may be complex."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from bayes_cevns.couplings import angles
from bayes_cevns.couplings.named import full_name, named_coupling
from bayes_cevns.errors import ArgumentError, UnknownNameError, shown
from bayes_cevns.physics.checks import finite


def coupling_values(given: Mapping[str, complex | str]) -> dict[str, float]:
    """Return values of real couplings by their names.

    Parameters
    ----------
    given
        Values by name; those of two different flavours may be complex, see `complex_coupling`.

    Raises
    ------
    UnknownNameError
        If there is no coupling of a name.
    ArgumentError
        If a value is not finite, is complex for a coupling that is real, or is given twice.
    """
    found: dict[str, float] = {}
    for key, value in given.items():
        if isinstance(value, str) or (isinstance(value, complex) and value.imag != 0.0):
            parts = complex_coupling(key, value)
        else:
            name = full_name(key)
            parts = {name: float(finite(np.real(value), what=f"coupling {name}"))}
        for name in parts.keys() & found.keys():
            raise ArgumentError(f"coupling {name} is given twice")
        found |= parts
    return found


def standard_values(given: Iterable[str]) -> dict[str, float]:
    """Return the values of couplings in the Standard Model, by their names."""
    return {name: named_coupling(name).standard for name in given}


def complex_coupling(name: str, value: complex | str) -> dict[str, float]:
    """Return real and imaginary part of a coupling of two different flavours, by their names.

    Parameters
    ----------
    name
        Its name, such as ``"eps_emu_u"`` or ``"emu_u"``. The entry of the row e and the column mu
        has the value, the transposed one its complex conjugate; the phase convention is that of
        `bayes_cevns.names.NSI_PHASE_CONVENTION`.
    value
        Complex, or a text: ``"0.3@120"`` has the modulus 0.3 and the phase 120 degrees, of -180 to
        180; or ``"0.1+0.05j"``.

    Raises
    ------
    UnknownNameError
        If there is no such coupling.
    ArgumentError
        If the coupling is real (diagonal in flavour, or a part already), or the value is no finite
        complex number, its modulus negative, or its phase beyond half a turn.

    Examples
    --------
    >>> complex_coupling("emu_u", "0.3@90")
    {'eps_emu_u': 0.0, 'eps_emu_u_im': 0.3}
    """
    real = named_coupling(name).name
    if real.endswith("_im"):
        raise ArgumentError(f"expected a coupling with both parts, got {real}: leave out _im")
    imaginary = f"{real}_im"
    try:
        named_coupling(imaginary)
    except UnknownNameError:
        raise ArgumentError(
            f"{real} is real, got {shown(value)}: only eps_emu_u, r2_nu_emu and such have a phase"
        ) from None
    number = angles.complex_number(value, real)
    return {real: number.real, imaginary: number.imag}
