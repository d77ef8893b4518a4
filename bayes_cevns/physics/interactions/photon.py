"""Neutrinos that see electric charge: through a dark photon, and through the photon itself."""

from __future__ import annotations

import numpy as np

from bayes_cevns.physics import constants as const
from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.physics.interactions.gauge import flavour_charges
from bayes_cevns.physics.interactions.vector import VectorMediator

#: e^2 = 4 pi alpha(0): the product of the charges of a proton and of a neutrino of charge e.
_E_SQUARED = 4.0 * np.pi * const.FINE_STRUCTURE

_DARK_PHOTON = VectorMediator(
    name="dark-photon",
    title="dark photon",
    formula="L = eps e Q_f fbar gamma f A' + g_nu nubar_L gamma nu_L A': Q -> Q + x Z F_p / "
    "(sqrt2 G_F (q^2 + m_V^2)), no neutrons; electrons g_V -> g_V - x / (sqrt2 G_F (2 m_e T + "
    "m_V^2)); x > 0 interferes destructively with nuclei",
    coupling=Coupling(
        symbol="sqrt(|g_nu eps e|)",
        latex=r"\sqrt{|g_\nu \epsilon e|}",
        definition="g_nu of every neutrino times eps e, what kinetic mixing gives a unit electric "
        "charge; mixing alone gives neutrinos no charge at tree level, so that g_nu is a charge "
        "of their own under the new symmetry",
        amplitude="g_nu eps e",
        amplitude_latex=r"g_\nu \epsilon e",
    ),
    cite=("Holdom:1985ag", "Harnik:2012ni"),
    mixing=1.0,
)


def _millicharge(whose: str, latex: str, flavours: tuple[int, int, int]) -> VectorMediator:
    """Return the electric charge of some neutrinos, in units of e, none for the others.

    Photon exchange is a vector mediator without mass and x = e^2 q_nu, as a dark photon of mass
    zero with eps = 1 and g_nu = e q_nu. For q_nu > 0 protons repel neutrinos, against the weak
    force: Q -> Q + 2 sqrt2 pi alpha q_nu Z F_p / (G_F q^2) with q^2 = 2 m T.

    References
    ----------
    Giunti and Studenikin, Rev. Mod. Phys. 87 (2015) 531; Atzori Corona et al., JHEP 09 (2022) 164,
    for coherent scattering. Electrons are free, or none below their binding energy: Chen et al.,
    Phys. Rev. D 90 (2014) 011301, find more events close to binding energies.
    """
    alike = len(set(flavours)) == 1
    symbol = "q_nu" if alike else f"q_{whose}"
    return VectorMediator(
        name="millicharge" if alike else f"millicharge-{whose}",
        title="millicharge" if alike else f"millicharge of ${latex}$",
        formula=f"one photon: Q -> Q + 2 sqrt2 pi alpha {symbol} Z F_p / (G_F q^2), q^2 = 2 m T; "
        f"electrons g_V -> g_V - sqrt2 pi alpha {symbol} / (G_F m_e T); "
        f"{symbol} > 0 interferes destructively with nuclei",
        coupling=Coupling(
            symbol=f"|{symbol}|",
            latex=rf"|q_{{{latex}}}|",
            definition=f"the electric charge of {whose}, in units of e; of its antineutrino the "
            "opposite. Electrons are free above their binding energy: atoms respond more "
            "strongly close to it",
            amplitude=symbol,
            amplitude_latex=rf"q_{{{latex}}}",
            unit="e",
            power=1.0,
        ),
        cite=("Giunti:2014ixa", "AtzoriCorona:2022qrf", "Chen:2014dsa"),
        has_mass=False,
        flavours=flavour_charges(*flavours),
        mixing=_E_SQUARED,
    )


ENTRIES = (
    _DARK_PHOTON,
    _millicharge("every neutrino", r"\nu", (1, 1, 1)),
    _millicharge("nu_e", r"\nu_e", (1, 0, 0)),
    _millicharge("nu_mu", r"\nu_\mu", (0, 1, 0)),
    _millicharge("nu_tau", r"\nu_\tau", (0, 0, 1)),
)
