"""
arXiv:2311.17719, figure 2: the neutrino floor of the Migdal effect
===================================================================

Left: the cross section below which ionisation by dark matter nowhere exceeds that by neutrinos,
from 0.1 to 4 keV (the paper gives no numbers of its range). The text has about 1e-42 cm2 for 0.5 to
2 GeV. Here it is 2.8e-42 at 0.5 GeV, 2.3e-43 at 1 and 3.7e-44 at 2 GeV. Other ends of the range,
the halo at rest of its equation 2.12 and the elastic kinematics of 2.9 move it by factors of up to
16 there, and none of them gives all three. Right: the Migdal effect of neutrinos beside backgrounds
of 1 to 10 events per keV, tonne and year, above which the paper expects it from 0.1 to 1 keV, and
the 15.8 of XENONnT above 1 keV. Here it is 4.7 at 0.1 keV and 0.07 at 0.5 keV; without 1/(2 pi)
(dotted) 30 and 0.4.
"""

import matplotlib.pyplot as plt
import numpy as np
from floor_003 import RANGES_KEV, floor_cm2
from ionisation_003 import ENERGY_KEV, TWO_PI, standard_model
from migdal_003 import BACKGROUND

masses_gev = np.geomspace(0.08, 3.0, 10)
fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4.2), layout="constrained")
styles = {"here": "-", "halo at rest (its eq. 2.12)": "--", "elastic recoils (its eq. 2.9)": ":"}
for name, line in styles.items():
    floor = [floor_cm2(mass, name, RANGES_KEV[0]) for mass in masses_gev]
    left.loglog(masses_gev, floor, line, label=name)
left.plot([0.5, 2.0], [1e-42, 1e-42], color="black", lw=3, alpha=0.5, label="text of the paper")
left.set(xlabel="mass of dark matter [GeV]", ylim=(1e-45, 1e-36))
left.set_ylabel(r"cross section on a nucleon [cm$^2$]")
left.legend(fontsize=8)

right.axhspan(1.0, 10.0, color="#bbbbbb", alpha=0.5, lw=0, label="background, 1 to 10")
right.axhline(BACKGROUND, color="black", ls="--", lw=1, label="XENONnT above 1 keV")
right.loglog(ENERGY_KEV, standard_model(), color="#E69F00", label="neutrinos, Migdal")
without = TWO_PI * standard_model()
right.loglog(ENERGY_KEV, without, ":", color="#E69F00", label=r"the same without $1/(2\pi)$")
right.set(xlim=(0.02, 10.0), ylim=(1e-3, 1e3), ylabel="dR/dE [1/(t yr keV)]")
right.set_xlabel("electron-equivalent energy [keV]")
right.legend(fontsize=8)
