"""
arXiv:2409.02003, figure 4: planes of two NSI
=============================================

Delta chi^2 of 90% CL (4.61) of two flavour-diagonal couplings by the paper's equation 20, with P_ee
as printed. The shape is that of the paper: bands of a constant coupling to xenon, wide for
PandaX-4T and narrower for XENONnT. Green: COHERENT CsI of 2021 by this package, where the paper has
a fit of CsI and argon by others; it is moderately more sensitive as the paper says, and sees no tau
neutrinos. Bands of xenon bend where P_ee changes.
"""

import matplotlib.pyplot as plt
import numpy as np
from experiment_coherent_csi import NEW, TWO, charge_ratio, flavour_curve
from nsi_regions import CUT, PAIRS, paper_chi2

colours = {"xenonnt": "#0072B2", "us2": "#E69F00", "paired": "#CC79A7"}
labels = {"xenonnt": "XENONnT", "us2": "PandaX-4T, ionisation only", "paired": "PandaX-4T, paired"}
csi = {"ee": ("nu_e",), "mumu": ("nu_mu", "anti_nu_mu")}
fig, axes = plt.subplots(1, 3, figsize=(11, 4.2), layout="constrained")
for ax, pair in zip(axes, PAIRS, strict=True):
    grid, chi2 = paper_chi2(pair, points=41)
    for key, colour in colours.items():
        ax.contour(grid, grid, chi2[key].T, levels=[CUT], colors=[colour])
        ax.plot([], [], color=colour, label=labels[key])
    flavour = pair[0].split("_")[1]
    if flavour in csi:
        up, down = np.meshgrid(np.linspace(-1.0, 1.0, 401), np.linspace(-1.0, 1.0, 401))
        factors, deviance = flavour_curve(NEW, csi[flavour])
        rise = np.interp(charge_ratio(up, down), factors, deviance - deviance.min())
        ax.contourf(up, down, rise, levels=[-1.0, TWO], colors=["#009E73"], alpha=0.35)
    ax.fill_between([], [], [], color="#009E73", alpha=0.35, label="COHERENT CsI")
    ax.plot(0.0, 0.0, "k+", markersize=10)
    text = flavour.replace("mu", r"\mu ").replace("tau", r"\tau ")
    ax.set(xlabel=rf"$\epsilon_{{{text}}}^u$", ylabel=rf"$\epsilon_{{{text}}}^d$")
handles, names = axes[0].get_legend_handles_labels()
fig.legend(handles, names, loc="outside lower center", ncols=4, fontsize=8)
