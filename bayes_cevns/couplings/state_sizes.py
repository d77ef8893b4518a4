"""Sizes of what kernels of solar neutrinos keep: for the kernels, and for who makes room for them.

A state is what a propagation fills in: coefficients of the parts of density matrices at all
energies, the parts, what the adjoint takes over, and room to compute in.
"""

from __future__ import annotations

from typing import Final

from bayes_cevns.physics.oscillation.sun import COARSE, SCAN_DENSITY, SCAN_RATIOS

#: Parts of a density matrix, with two flavours and with three.
PARTS_OF_TWO: Final = 2
PARTS_OF_THREE: Final = 10

#: Coefficients of the invariants of the Hamiltonian, and numbers of the three matrices that they
#: follow from and of the pairs of these.
COEFFICIENTS: Final = 25
FORMS: Final = 81

#: Numbers of the levels of a matrix that the adjoint needs.
KEPT: Final = 8

#: Numbers that are kept of a night at an energy: x, its length before it was shortened, the
#: functions of the Earth, their slopes along and across, and in log dm21.
KEPT_OF_NIGHT: Final = 4 + 4 * 3

#: Matrices at which the least exponent of crossings is looked for.
SCANNED: Final = int(SCAN_DENSITY.size) * len(SCAN_RATIOS)

#: Two flavours: rho, potential and its cotangent, X and S from it and their cotangents.
RHO: Final = 18
MATTER_OF_TWO: Final = 18
MAPPED: Final = 6
COMMON_OF_TWO: Final = RHO + 2 * (MATTER_OF_TWO + MAPPED)

#: Three flavours: where things are that are the same for all energies, and numbers for each.
AT_PARTS: Final = COEFFICIENTS + FORMS
AT_MATTER: Final = AT_PARTS + 9 * PARTS_OF_THREE
AT_ROOM: Final = AT_MATTER + 18 + 9 + 7 + 27 + COEFFICIENTS
COMMON: Final = AT_ROOM + SCANNED
EACH: Final = PARTS_OF_THREE + KEPT_OF_NIGHT + 4

#: Numbers of couplings in matter, to u, d and e, nine of flavour each; and numbers that are kept
#: besides the states: couplings in matter, mixing, cotangents.
MATTER: Final = 27
KEPT_OF_MATTER: Final = 2 * (MATTER + 2)


def parts(flavours: str) -> int:
    """Return the number of parts of a density matrix, with ``two`` or ``three`` flavours."""
    return PARTS_OF_TWO if flavours == "two" else PARTS_OF_THREE


def state_size(flavours: str, count: int) -> int:
    """Return the size of a state of so many energies, with ``two`` or ``three`` flavours."""
    if flavours == "two":
        return COMMON_OF_TWO + PARTS_OF_TWO * count
    return COMMON + (EACH + (KEPT + 8) * COARSE) * count
