"""What the couplings of published limits are, and which interaction here has the same one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedModel:
    """The model of a published limit.

    Attributes
    ----------
    title
        In plain text.
    symbol, latex
        The coupling that is limited, in plain text and as mathtext without dollars; it has no unit.
    definition
        Charges and conventions, in plain text.
    interaction
        The interaction of this package that has the same Lagrangian and quotes the same coupling;
        empty where there is none.
    """

    title: str
    symbol: str
    latex: str
    definition: str
    interaction: str = ""


#: By the first part of the name of a curve. Conventions: data/published_limits/REFERENCE.
MODELS = {
    "b-l": PublishedModel(
        "B-L",
        "g_BL",
        "g_{B-L}",
        "the gauge coupling: it is multiplied by 1/3 for quarks, -1 for leptons and neutrinos",
        "b-l",
    ),
    "l_mu-l_tau": PublishedModel(
        "L_mu-L_tau",
        "g_mutau",
        r"g_{L_\mu-L_\tau}",
        "the gauge coupling: it is multiplied by 1, -1 for mu, tau and their neutrinos, and for "
        "all charged particles by the loop of these two leptons",
        "l_mu-l_tau",
    ),
    "b-boson": PublishedModel(
        "B",
        "g_B",
        "g_B",
        "the coupling g_B alone: it is multiplied by 1/3 for quarks and by a loop for charged "
        "leptons, and neutrinos have no charge",
    ),
    "hidden-photon": PublishedModel(
        "dark photon",
        "eps",
        r"\epsilon",
        "kinetic mixing alone: charges eps e Q of charged particles, and none of neutrinos",
    ),
    "scalar-nucleon": PublishedModel(
        "scalar with nucleons",
        "g_N",
        "g_N",
        "the Yukawa coupling to nucleons alone, without one to neutrinos",
    ),
}
