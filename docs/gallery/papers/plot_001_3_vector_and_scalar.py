"""
arXiv:2112.03309, figure 3: projections of vector and scalar beside existing limits
===================================================================================

Electrons project the better limit on a universal vector below 3.5 MeV here, below 2 MeV in the
paper, and below 1.7 MeV with the 4 sqrt(2) G_F of its equation 13. Existing limits are those of
today by this package, 90% credible with a flat prior (validation/limits.csv, at the masses of the
dots), not the curves that the paper took from others. It found projections stronger by about an
order of magnitude; of today's data XENONnT's electronic recoils are within a factor of 2.1 of the
projected vector at 1 MeV, and CONUS+ limits the scalar there more (3.6e-6) than the projected CEvNS
(4.6e-6).
"""

import matplotlib.pyplot as plt
import numpy as np
from limit_table import curves
from projections_001 import projected_limit

masses = np.geomspace(0.1, 1e3, 41)
existing = {
    "coherent_csi": ("#009E73", "-"),
    "coherent_lar": ("#56B4E9", "--"),
    "conus_plus": ("#CC79A7", "-."),
    "xenonnt_er": ("#D55E00", ":"),
}
fig, axes = plt.subplots(1, 2, figsize=(9.5, 4.2), sharey=True, layout="constrained")
names = {"vector-universal": "vector, positive product", "scalar-universal": "scalar"}
for ax, (name, title) in zip(axes, names.items(), strict=True):
    for channel, line in {"cevns": "-", "electron": "--"}.items():
        limits = [projected_limit(channel, name, mass) for mass in masses]
        ax.loglog(masses, limits, line, color="black", lw=2, label=f"projection, {channel}")
    for curve in curves():
        sides = ("positive", "upper")
        if curve.interaction == name and curve.side in sides and curve.experiments in existing:
            colour, line = existing[curve.experiments]
            style = {"linestyle": line, "marker": ".", "color": colour, "lw": 1.2}
            ax.loglog(curve.mass_mev, curve.limit, label=curve.experiments, **style)
    ax.set(xlabel="mediator mass [MeV]", title=title)
    ax.legend(fontsize=8)
axes[0].set_ylabel("g, 90%")
