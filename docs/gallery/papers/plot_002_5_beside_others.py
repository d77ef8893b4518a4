"""
arXiv:2411.11749, figure 5: XENONnT and PandaX-4T beside other limits
=====================================================================

Thick: 90% CL of XENONnT and PandaX-4T together. COHERENT CsI, CONUS+ and electronic recoils are
those of this package (validation/limits.csv, 90% credible), shaded limits of others that convert
exactly to the coupling. Compared with COHERENT CsI alone, scalar limits are the stronger below
about 100 MeV here, where the paper says 150; axial ones below 100 (the paper: 80), those on B-L
below 35 (30), and constructive ones on a vector below 40 MeV (40). CONUS+, which came after the
paper, is now the strongest of coherent scattering below 50 MeV, except for the vector drawn here,
which has a positive product of couplings.
"""

import matplotlib.pyplot as plt
import numpy as np
from curves import limit_curve
from limit_table import curves

import bayes_cevns as bc

masses = np.array([0.1, 1.0, 4.0, 10.0, 20.0, 40.0, 80.0, 200.0, 1e3])
others = {
    "coherent_csi": ("#009E73", "-"),
    "conus_plus": ("#CC79A7", "-."),
    "xenonnt_er": ("#E69F00", ":"),
    "lz_er": ("#D55E00", "--"),
}
titles = {
    "scalar-universal": "scalar",
    "axial": "axial vector",
    "b-l": "$B-L$",
    "vector-universal": "vector, positive product",
}
fig, axes = plt.subplots(2, 2, figsize=(9, 7.4), sharex=True, layout="constrained")
for ax, (name, title) in zip(axes.flat, titles.items(), strict=True):
    for limit in bc.published_limits(name):
        if limit.side == "negative":
            continue
        ax.fill_between(
            limit.mass_mev, limit.lower, np.minimum(limit.upper, 1.0), color="#bbbbbb", alpha=0.5
        )
    scan = bc.profile_scan(["xenonnt_2024_s2", "pandax4t_us2"], interaction=name, masses_mev=masses)
    sides = {limit.side for limit in scan.points[0].result.limits} - {"negative"}
    ax.loglog(*limit_curve(scan, *sides), color="#0072B2", lw=2.5, label="XENONnT + PandaX-4T")
    for curve in curves():
        if (curve.interaction, curve.side) == (name, *sides) and curve.experiments in others:
            colour, line = others[curve.experiments]
            style = {"linestyle": line, "marker": ".", "color": colour, "lw": 1.2}
            ax.loglog(curve.mass_mev, curve.limit, label=curve.experiments, **style)
    ax.set(xscale="log", yscale="log", xlim=(0.1, 1e3), ylim=(1e-7, 1e-1), title=title)
    ax.set_ylabel(bc.interaction(name).coupling.label)
for ax in axes[1]:
    ax.set_xlabel("mediator mass [MeV]")
axes[0, 0].legend(fontsize=8)
