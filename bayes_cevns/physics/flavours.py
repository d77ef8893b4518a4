"""The neutrino flavours, in the order of every array with a flavour axis."""

from typing import Final

FLAVOURS: Final = ("nu_e", "nu_mu", "nu_tau", "anti_nu_e", "anti_nu_mu", "anti_nu_tau")
