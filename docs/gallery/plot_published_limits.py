"""
Published limits on a gauge boson of B-L
========================================

All limits of others that are on the same coupling, in grey those that do not come from neutrinos,
and a preview of what XENONnT's solar neutrinos exclude.
"""

import matplotlib.pyplot as plt

import bayes_cevns as bc

own = bc.preview("xenonnt_cevns", interaction="b-l", masses_mev=bc.log_masses(0.1, 1e3, 31))
fig, ax = plt.subplots(figsize=(7, 5), layout="constrained")
for limit in bc.published_limits("b-l"):
    colour = "#D55E00" if limit.process else "#bbbbbb"
    ax.loglog(limit.mass_mev, limit.lower, ":" if limit.process else "-", color=colour, lw=1.2)
masses = [point.mass_mev for point in own.points]
ax.loglog(masses, [point.limits[0].value for point in own.points], color="#0072B2", lw=2)
ax.plot([], [], ":", color="#D55E00", label="neutrino-electron scattering (published)")
ax.plot([], [], "-", color="#bbbbbb", label="beam dumps, colliders, stars, ... (published)")
ax.plot([], [], color="#0072B2", label="XENONnT 8B, 90% credible, flat prior (preview)")
ax.set(xlim=(0.1, 1e3), ylim=(1e-7, 1e-1), xlabel="mediator mass [MeV]")
ax.set_ylabel(bc.interaction("b-l").coupling.label)
_ = ax.legend(fontsize=8)
