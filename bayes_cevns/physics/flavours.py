"""The flavours of neutrinos, in the order that every array of the package uses."""

from __future__ import annotations

from typing import Final

#: Axis of flavours: three neutrinos, then their antineutrinos.
FLAVOURS: Final = ("nu_e", "nu_mu", "nu_tau", "anti_nu_e", "anti_nu_mu", "anti_nu_tau")
