"""
arXiv:2112.03309, figure 1: events of all interactions in one tonne year
========================================================================

Events per bin at g^2 = 1e-4 and 1 GeV, in 100 bins of electron-equivalent energy, as Majumdar,
Papoulias and Srivastava have them. The dip of CEvNS at the first minimum of the form factor is at
25 keV as in the paper. Above 0.1 keV there are 204 events of CEvNS and 522 of electron scattering
("a comparable number"). Pseudoscalar, axial and tensor are drawn on nuclei with the charges that
the paper prints. Its charges Q_A and Q_P take spins of nuclei as if they were of nucleons: the rate
on natural xenon is thousands of times that of the physical charge (axial: 2606 events as printed,
0.87 with measured spins).
"""

import matplotlib.pyplot as plt
import numpy as np
from projections_001 import CHANNELS, SPECTRUM_COUPLING_SQUARED, SPECTRUM_MASS_MEV, counts

edges_kev = {"cevns": np.geomspace(0.1, 100.0, 101), "electron": np.geomspace(0.1, 1e4, 101)}
colours = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00")
styles = list(zip("SPVAT", colours, ("-", "--", "-", "-.", ":"), strict=True))
x = SPECTRUM_COUPLING_SQUARED
fig, axes = plt.subplots(1, 2, figsize=(9.5, 4.2), layout="constrained")
for ax, (channel, names) in zip(axes, CHANNELS.items(), strict=True):
    standard = counts(channel, "sm", None)[0]
    ax.stairs(standard, edges_kev[channel], color="black", lw=1.5, label="Standard Model")
    for name, (letter, colour, line) in zip(names, styles, strict=False):
        parts = counts(channel, name, SPECTRUM_MASS_MEV)
        new = np.abs(x * parts[1] + x**2 * parts[2])
        ax.stairs(new, edges_kev[channel], color=colour, ls=line, label=f"{letter}: {name}")
    ax.set(xscale="log", yscale="log", xlabel="recoil energy [keV, electron equivalent]")
    ax.set(title={"cevns": "CEvNS", "electron": "electron scattering"}[channel])
axes[0].set(ylabel="events per bin and tonne year", ylim=(1e-6, 1e8))
axes[1].set(ylim=(1e-4, 1e5))
for ax in axes:
    ax.legend(fontsize=7)
