"""
arXiv:2411.11749, figure 1: events of PandaX-4T and XENONnT
===========================================================

Right: the 37 events of XENONnT of 2024 in three bins of S2, with the backgrounds and 12.4 CEvNS
events of the public release. The paper has the same events, from 120 PE on and with digitised
templates; here the first bin begins at 90 PE, as in the release. Left: the ionisation-only search
of PandaX-4T as a count, 332 events where 251 of background are expected and the Standard Model adds
46.8. The paper has eight bins of electrons, of which the templates are not public, and finds 69
events of CEvNS.
"""

import matplotlib.pyplot as plt
import numpy as np

import bayes_cevns as bc

searches = {"pandax4t_us2": "PandaX-4T, ionisation only", "xenonnt_2024_s2": "XENONnT, 2024"}
colours = ("#56B4E9", "#E69F00", "#CC79A7")
fig, axes = plt.subplots(
    1, 2, figsize=(8.5, 3.8), width_ratios=[1, 2], sharex=False, layout="constrained"
)
for ax, (name, title) in zip(axes, searches.items(), strict=True):
    search = bc.experiment(name)
    observed = search.observed.values.ravel()
    bins, below = np.arange(observed.size + 1) - 0.5, np.zeros(observed.size)
    for background, colour in zip(reversed(search.backgrounds), colours, strict=False):
        above = below + background.values.values.ravel()
        label = background.name.upper() if name[0] == "x" and len(background.name) == 2 else None
        label = label or background.name
        ax.stairs(above, bins, baseline=below, fill=True, color=colour, label=label)
        below = above
    expected = bc.asimov(search).observed.values.ravel()
    ax.stairs(expected, bins, baseline=below, fill=True, color="#009E73", alpha=0.5, label="CEvNS")
    middle = np.arange(observed.size)
    ax.errorbar(middle, observed, observed**0.5, fmt="ko", capsize=3, label="observed")
    ax.set(title=title, ylim=(0, None), xlim=(bins[0], bins[-1]), ylabel="events")
    ax.legend(fontsize=8, loc="lower left" if observed.size == 1 else "upper right")
axes[0].set(xticks=[], xlabel="4 to 8 electrons")
axes[1].set(xticks=[0, 1, 2], xticklabels=["first", "second", "third"], xlabel="bin of S2")
