"""
arXiv:2112.03309, figure 2: projections of all interactions
===========================================================

Projected limits of a tonne year at 90% CL by the paper's chi-square (26). Of CEvNS the scalar is
limited best and the pseudoscalar worst, as the paper states. Of electrons the paper states that the
tensor is limited best. Here it is the vector with the factor of the Lagrangian; with the 4 sqrt(2)
G_F of its equation 13, four times too large, it is the tensor (dashed: vector and axial so). The
misprint seems to be in the figures, too.
"""

import matplotlib.pyplot as plt
import numpy as np
from projections_001 import CHANNELS, projected_limit

colours = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00")
masses = np.geomspace(1e-2, 1e4, 49)
fig, axes = plt.subplots(1, 2, figsize=(9.5, 4.2), sharey=True, layout="constrained")
for ax, (channel, names) in zip(axes, CHANNELS.items(), strict=True):
    for name, letter, colour in zip(names, "SPVAT", colours, strict=False):
        limits = [projected_limit(channel, name, mass) for mass in masses]
        ax.loglog(masses, limits, color=colour, label=f"{letter}: {name}")
        if channel == "electron" and letter in "VA":
            limits = [projected_limit(channel, name, mass, as_printed=True) for mass in masses]
            ax.loglog(masses, limits, "--", color=colour, lw=1, label=f"{letter}, as printed")
    ax.set(xlabel="mediator mass [MeV]", ylim=(1e-8, 1e-1))
    ax.set(title={"cevns": "CEvNS", "electron": "electron scattering"}[channel])
    ax.legend(fontsize=7)
axes[0].set_ylabel("g, 90% CL")
