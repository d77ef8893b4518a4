"""Where the CP phase of the mixing matrix stands, and what that does to NSI couplings.

The phase of a flavour field may be chosen. The choice of the Particle Data Group (`"pdg"`, ours)
and that of Coloma et al. (`"phase-12"`) are

    U  = R_23 R_13(delta) R_12,   (R_13)_13 = s_13 exp(-i delta),
    U' = R_23 R_13 R_12(delta),   (R_12)_12 = s_12 exp(+i delta),

and U' = P U P* with P = diag(exp(i delta), 1, 1). P* on the right goes into the mass eigenstates,
which nobody sees; P on the left redefines nu_e. The Hamiltonian in matter, U M^2 U^dagger / 2E + V,
becomes P H P*, and the density matrix P rho P*, if the couplings do the same:

    eps'_ab = P_a eps_ab P_b*:  eps'_emu = exp(i delta) eps_emu,  eps'_etau = exp(i delta) eps_etau,

and eps_ee, eps_mumu, eps_tautau, eps_mutau stay. Survival probabilities and rates Tr[rho G^2] are
then the same. Without NSI nothing tells the conventions apart.

A coupling that is real in one convention is complex in the other unless delta is 0 or 180 degrees.
The couplings of this package are real in that of the PDG, so that an interval of a real eps_emu or
eps_etau in the other convention is that of another line in the complex plane. It can be translated
at delta = 0 (as it is) and 180 degrees (with the other sign). Elsewhere it cannot: exp(i delta) is
-0.85 - 0.53i at 212 degrees, the default, and -0.62 - 0.79i at 232 degrees, that of NuFIT 5.3.

The public code SNuDD propagates neutrinos with U' but goes to flavours with U. Unless delta is 0,
what it computes with an eps_emu or eps_etau is that of neither convention: at 180 degrees the
coupling has one sign in propagation and the other in detection. No translation of couplings gives
that.

References: Review of Particle Physics, sec. 14 (neutrino masses, mixing); Coloma, Gonzalez-Garcia,
Maltoni, Pinheiro and Urrea, JHEP 08 (2023) 032, arXiv:2305.07698; Gonzalez-Garcia and Maltoni,
JHEP 09 (2013) 152, arXiv:1307.3092.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping
from numbers import Number

from bayes_cevns.arguments import mapping, named, of_kind
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.names import NSI_PHASE_CONVENTION, PHASE_CONVENTION_TEXTS
from bayes_cevns.physics.oscillation.couplings import COUPLINGS
from bayes_cevns.physics.oscillation.parameters import DEFAULT_MIXING, OscillationParameters

#: How often a convention has exp(i delta) in P for nu_e, beside that of the PDG.
_TURNS = {"pdg": 0, "phase-12": 1}

#: Pairs of nu_e with another flavour, whose couplings take the phase of nu_e.
_WITH_ELECTRON = ("emu", "etau")


def nsi_in_convention(
    couplings: Mapping[str, complex],
    convention: str,
    *,
    given: str = NSI_PHASE_CONVENTION,
    mixing: OscillationParameters = DEFAULT_MIXING,
) -> dict[str, complex]:
    """Return NSI couplings in another phase convention: the same physics by other numbers.

    Parameters
    ----------
    couplings
        Values by name, such as ``{"eps_emu_u": 0.1}``, real or complex; eps_emu is the entry of the
        row e and the column mu.
    convention
        ``"pdg"`` (delta_CP in the 1-3 rotation, that of this package) or ``"phase-12"`` (in the 1-2
        rotation, that of Coloma et al.).
    given
        The convention that they are in.
    mixing
        Oscillation parameters, for delta_CP.

    Returns
    -------
    dict
        Values by name. Those that keep their phase, and all at 0 and 180 degrees, are real if they
        were; the others are complex, so that an interval of real couplings cannot be translated.

    Raises
    ------
    UnknownNameError
        If there is no such coupling or convention.
    ArgumentError
        If a value is not a finite number.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> {k: f"{v:.2f}" for k, v in bc.nsi_in_convention({"eps_emu_u": 0.1}, "phase-12").items()}
    {'eps_emu_u': '-0.08-0.05j'}
    """
    to, since = (
        _TURNS[named(name, "phase convention", PHASE_CONVENTION_TEXTS)]
        for name in (convention, given)
    )
    of_kind(mixing, OscillationParameters, what="oscillation parameters, such as DEFAULT_MIXING")
    if couplings is None:
        raise ArgumentError("expected couplings by name, such as {'eps_emu_u': 0.1}, got None")
    values = mapping(couplings, what="couplings by name, such as {'eps_emu_u': 0.1}")
    angle_rad = (to - since) * mixing.delta_cp_rad
    return {
        named(name, "NSI coupling", COUPLINGS): _turned(str(name), value, angle_rad)
        for name, value in values.items()
    }


def _turned(name: str, value: object, angle_rad: float) -> complex:
    is_number = isinstance(value, Number) and not isinstance(value, bool)
    try:
        # `Number` promises no conversion to the type checker; every number of Python has one.
        number = complex(value) if is_number else complex("nan")  # type: ignore[call-overload]
    except OverflowError:
        number = complex("inf")
    if not cmath.isfinite(number):
        raise ArgumentError(
            f"{name}: expected a finite number, real or complex, got {shown(value)}"
        )
    return _rotated(name, number if isinstance(value, complex) else number.real, angle_rad)


def _rotated(name: str, value: complex, angle_rad: float) -> complex:
    if name.split("_")[1] not in _WITH_ELECTRON:
        return value
    if abs(math.sin(angle_rad)) < 1e-12:  # 0 or 180 degrees: real numbers stay real
        return value if math.cos(angle_rad) > 0 else -value
    return value * cmath.exp(1j * angle_rad)
