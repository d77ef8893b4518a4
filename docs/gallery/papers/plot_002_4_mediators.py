"""
arXiv:2411.11749, figure 4: mediators by XENONnT and PandaX-4T
==============================================================

90% CL of profile likelihoods, as in the paper: the scalar is limited best, B-L next, axial and
tensor couplings to spins far less. Of a universal vector (shaded) a band stays allowed by XENONnT
and by both together, where it turns the sign of the weak charge. The paper has the band there, too,
but not yet for PandaX-4T; here the count of PandaX-4T excludes a missing signal (a rise of
chi-square of 4.9, see figure 2), and with it the couplings below a band. The tensor has the factors
that follow from the Lagrangian, for which equation 8 of the paper is 8 times low in one and 32
times in the other structure function if they are those of its equation 7; as printed, its limits
are 2.1 to 2.2 times weaker (tensor-paper-002).
"""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from curves import limit_curve

import bayes_cevns as bc

sets = {
    "XENONnT": ["xenonnt_2024_s2"],
    "PandaX-4T": ["pandax4t_us2"],
    "combined": ["xenonnt_2024_s2", "pandax4t_us2"],
}
models = {
    "tensor-spin": ("T", "#CC79A7", "-"),
    "axial": ("A", "#E69F00", "--"),
    "b-l": ("B-L", "#D55E00", "-."),
    "scalar-universal": ("S", "#009E73", "-"),
}
masses = np.array([1.0, 5.0, 12.0, 25.0, 50.0, 120.0, 1e4])
fig, axes = plt.subplots(1, 3, figsize=(10, 3.9), sharey=True, layout="constrained")
for ax, (title, names) in zip(axes, sets.items(), strict=True):
    for name, (label, colour, line) in models.items():
        scan = bc.profile_scan(names, interaction=name, masses_mev=masses)
        ax.plot(*limit_curve(scan), line, color=colour, label=label)
    # Of a vector all is excluded but the intervals, between which there may be a gap.
    scan = bc.profile_scan(names, interaction="vector-universal", masses_mev=masses)
    upper = limit_curve(scan, "positive")[1]
    ax.fill_between(masses, upper, 1.0, color="#56B4E9", alpha=0.4, lw=0, label="V")
    gaps = []
    for point in scan.points:
        ends = pairwise(point.result.quoted_intervals)
        gaps.append([(one.high, other.low) for one, other in ends if other.low > 0][-1:])
    low, high = np.array([gap[0] if gap else (np.nan, np.nan) for gap in gaps]).T
    ax.fill_between(masses, low, high, color="#56B4E9", alpha=0.4, lw=0)
    ax.set(xscale="log", yscale="log", xlim=(1, 1e4), ylim=(1e-6, 1e-2), title=title)
    ax.set_xlabel("mediator mass [MeV]")
axes[0].set_ylabel("g, 90% CL")
axes[0].legend(fontsize=8, loc="upper left")
