"""
arXiv:2411.14206, figure 4: a vector that interferes destructively
==================================================================

Excluded couplings (shaded) of a vector with a positive product of couplings, by the events that the
paper's equation 3.1 allows to be lacking or too many. Between a deficit and an excess is a band
that cannot be excluded, at another coupling in each search, as in the paper. Here XENONnT excludes
no deficit: all of the 9.6 events of the Standard Model may be lacking, since the paper allows 10.5
fewer. With the 11.9 events that the release of 2024 expects it would exclude one.
"""

import matplotlib.pyplot as plt
import numpy as np
from counting_000 import excluded_deficit, largest_coupling

NAME = "vector-universal"
masses = np.geomspace(0.1, 1e3, 81)
colours = {"PandaX-4T S1+S2": "#56B4E9", "PandaX-4T S2 only": "#009E73", "XENONnT": "#0072B2"}
fig, axes = plt.subplots(1, 3, figsize=(9.5, 3.6), sharey=True, layout="constrained")
for ax, (name, colour) in zip(axes, colours.items(), strict=True):
    upper = [largest_coupling(name, NAME, mass, sign=1) for mass in masses]
    low, high = np.array([excluded_deficit(name, NAME, mass) for mass in masses]).T
    ax.fill_between(masses, upper, 1e-2, color=colour, alpha=0.35, lw=0)
    ax.fill_between(masses, low, high, color=colour, alpha=0.35, lw=0)
    for edge in (upper, low, high):
        ax.plot(masses, edge, color=colour)
    ax.set(xscale="log", yscale="log", title=name, xlabel="mediator mass [MeV]", ylim=(1e-6, 1e-2))
axes[0].set_ylabel(r"$\sqrt{g_\nu g_q}$, 90% CL")
