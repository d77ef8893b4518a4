"""
arXiv:2112.03309, figure 4: projections for B-L and for L_mu-L_tau
==================================================================

As in the paper, limits on B-L are the more stringent, for L_mu-L_tau couples to nuclei and
electrons by a loop: at 1 MeV 1.1e-5 against 4.9e-4 from nuclei, 1.7e-6 against 5.1e-5 from
electrons. The sign of the loop on nuclei is that of the paper; with the sign of the vacuum
polarisation (dotted) the limit is a third weaker, 6.5e-4. Published limits (shaded) are those of
DarkCast; ATLAS and the analyses of COHERENT and XENON1T that the paper shows are not among them.
The paper finds that CEvNS on B-L dominates from 0.1 to 1 GeV; here the projection is beyond all of
the published limits from 30 to 180 MeV.
"""

import matplotlib.pyplot as plt
import numpy as np
from projections_001 import projected_limit

import bayes_cevns as bc

titles = {"b-l": "$B-L$", "l_mu-l_tau": r"$L_\mu-L_\tau$"}
masses = np.geomspace(0.1, 1e4, 41)
models = {"b-l": "b-l", "l_mu-l_tau": "l_mu-l_tau-paper-001"}
fig, axes = plt.subplots(1, 2, figsize=(9.5, 4.2), layout="constrained")
for ax, (model, printed) in zip(axes, models.items(), strict=True):
    for limit in bc.published_limits(model):
        ax.fill_between(
            limit.mass_mev, limit.lower, np.minimum(limit.upper, 1.0), color="#bbbbbb", alpha=0.5
        )
    ax.fill_between([], [], [], color="#bbbbbb", alpha=0.5, label="published")
    for channel, colour in {"cevns": "#0072B2", "electron": "#D55E00"}.items():
        limits = [projected_limit(channel, printed, mass) for mass in masses]
        ax.loglog(masses, limits, color=colour, lw=2, label=f"projection, {channel}")
        if model != printed:
            limits = [projected_limit(channel, model, mass) for mass in masses]
            ax.loglog(masses, limits, ":", color=colour, label=f"{channel}, sign of the loop")
    ax.set(xscale="log", yscale="log", xlim=(0.1, 1e4), ylim=(1e-8, 1.0), title=titles[model])
    ax.set(xlabel="mediator mass [MeV]", ylabel=bc.interaction(model).coupling.label)
    ax.legend(fontsize=8, loc="lower right")
