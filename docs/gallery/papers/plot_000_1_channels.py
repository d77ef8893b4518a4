"""
arXiv:2411.14206, figure 1: channels of solar neutrinos in xenon
================================================================

As in the paper of Blanco-Mas et al., CEvNS is the largest in the region of interest (shaded), and
neutrino-electron scattering overtakes it at its upper end: here above 0.45 keV with a quenching of
0.15, and above 0.49 keV with NEST. The Migdal effect does so above 0.52 and 0.60 keV. That is later
than the paper has it: the 1/(2 pi) of its equation 2.5, which photoabsorption confirms, seems not
to be in its figure (dotted: without it). The electrons are those of all solar neutrinos. 8B alone,
which the caption names, gives 1e-4 per tonne, year and keV at 0.45 keV.
"""

import matplotlib.pyplot as plt
import numpy as np
from benchmarks_000 import ROI_KEV
from spectra_000 import QUENCHING, boron_spectra

energy_kev = np.geomspace(0.02, 5.0, 400)
curves = boron_spectra(energy_kev)
fig, ax = plt.subplots(figsize=(6, 4.2), layout="constrained")
ax.axvspan(QUENCHING * ROI_KEV[0], QUENCHING * ROI_KEV[1], color="#f6c7d4", alpha=0.6, lw=0)
styles = {
    "CEvNS": ("#777777", "-", "CEvNS, quenching 0.15"),
    "CEvNS, NEST": ("#777777", "--", "CEvNS, NEST"),
    "Migdal": ("#E69F00", "-", "Migdal effect"),
    "electrons (all solar)": ("#0072B2", "-", "neutrino-electron scattering"),
}
for name, (colour, line, label) in styles.items():
    shown = np.where(curves[name] > 0, curves[name], np.nan)
    ax.loglog(energy_kev, shown, line, color=colour, label=label)
without = 2.0 * np.pi * curves["Migdal"]
ax.loglog(energy_kev, without, ":", color="#E69F00", label=r"Migdal effect without $1/(2\pi)$")
ax.set(xlim=(0.02, 5.0), ylim=(1e-3, 2e4))
ax.set(xlabel="electron-equivalent energy [keV]", ylabel="dR/dE [1/(t yr keV)]")
ax.legend(fontsize=8)
