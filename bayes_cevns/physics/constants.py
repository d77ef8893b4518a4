"""Physical constants, in natural units of MeV unless the name says otherwise.

Sources: CODATA 2018; quark masses (MS-bar at 2 GeV), W and tau mass of the Particle Data Group
2022; the weak
mixing angle at zero momentum transfer, 0.23857(5), of the Particle Data Group 2018
(Tanabashi et al., Phys. Rev. D 98 (2018) 030001), as the analyses of CEvNS data use it.
"""

from typing import Final

FERMI_CONSTANT_PER_MEV2: Final = 1.1663787e-11
SIN2_THETA_W: Final = 0.23857
HBARC_MEV_FM: Final = 197.3269804
HBARC_SQUARED_MEV2_CM2: Final = 3.89379372e-22
ELECTRON_MASS_MEV: Final = 0.51099895
PROTON_MASS_MEV: Final = 938.27208816
NEUTRON_MASS_MEV: Final = 939.56542052
ATOMIC_MASS_UNIT_MEV: Final = 931.49410242
AVOGADRO_PER_MOL: Final = 6.02214076e23
HIGGS_VEV_MEV: Final = 246.22e3
FINE_STRUCTURE: Final = 1.0 / 137.035999084
W_MASS_MEV: Final = 80.377e3
MUON_MASS_MEV: Final = 105.6583755
TAU_MASS_MEV: Final = 1776.86

UP_MASS_MEV: Final = 2.16
DOWN_MASS_MEV: Final = 4.67
STRANGE_MASS_MEV: Final = 93.4

SECONDS_PER_YEAR: Final = 365.25 * 86400.0
GRAMS_PER_TONNE: Final = 1e6
KEV_PER_MEV: Final = 1e3
