"""NSI with electrons, moments and mediators by flavour; writes electron_nsi.md, its csv and figures.

Neutrino-electron scattering of solar neutrinos in XENONnT (SR0), LZ (WS2022, WS2024) and PandaX-4T
(Run1) together: 90% credible intervals of couplings to electrons one at a time, in the detector and
on the way, and magnetic moments by flavour. CsI and argon of COHERENT: charges of a mediator of
10 MeV by quark, by nucleon and by flavour. Fits that the folder of fits has are not run again.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib.pyplot as plt

import bayes_cevns as bc
from bayes_cevns.inference.sample_couplings import CouplingFits

HERE = Path(__file__).parent
PAGE, TABLE, FIGURES = HERE / "electron_nsi.md", HERE / "electron_nsi.csv", HERE / "figures"

SEED = 1
LEVEL = 0.9
SETTINGS = bc.SamplerSettings(cores=1)

RECOILS = ("xenonnt_er", "lz_er", "pandax4t_er")
COHERENT = ("coherent_csi", "coherent_lar")
FLAVOURS = ("ee", "mumu", "tautau")

#: Wide enough for the mirror image of the Standard Model, g_L -> -g_L, of nu_e at -1.48.
BOUNDS = (-2.0, 2.0)


@dataclass(frozen=True)
class Study:
    """Couplings of one fit, or of several one at a time.

    Attributes
    ----------
    name
        Of the folder with its fits, and of its figure.
    title
        What the page says.
    experiments, couplings
        What is fitted.
    together
        Whether the couplings are free together: a plane.
    bounds
        Of all couplings; by default those of the package.
    mass_mev
        Of a mediator.
    matter
        Whether couplings act on the way.
    """

    name: str
    title: str
    experiments: tuple[str, ...]
    couplings: tuple[str, ...]
    together: bool = False
    bounds: tuple[float, float] | None = None
    mass_mev: float | None = None
    matter: bool = True
    scale: dict[str, float] = field(default_factory=dict)

    def run(self, folder: Path) -> CouplingFits:
        """Sample what is missing."""

        def told(name: str, fit: bc.Fit) -> None:
            print(f"{self.name}: {name} {'passed' if fit.passed else fit.reason}", flush=True)

        bounds = dict.fromkeys(self.couplings, self.bounds) if self.bounds else None
        return bc.sample_couplings(
            [bc.experiment(name) for name in self.experiments],
            couplings=self.couplings,
            mass_mev=self.mass_mev,
            one_at_a_time=not self.together,
            bounds=bounds,
            levels=(0.68, LEVEL) if self.together else (LEVEL,),
            matter=self.matter,
            seed=SEED,
            settings=SETTINGS,
            out=folder / self.name,
            on_fit=told,
        )


HANDS = tuple(f"eps_{pair}_{hand}" for pair in FLAVOURS for hand in ("eL", "eR", "eV", "eA"))
#: Protons and electrons alike, which the way out of the Sun feels twice, the recoils once.
DIRECTIONS = tuple(f"eps_{pair}[eta=0,phi=45]" for pair in FLAVOURS)
VECTOR = tuple(f"eps_{pair}_eV" for pair in FLAVOURS)
MOMENTS = ("mu_nu_e", "mu_nu_mu", "mu_nu_tau", "mu_nu")

WITHOUT = Study("detector", "in the detector alone", RECOILS, VECTOR, bounds=BOUNDS, matter=False)
STUDIES = (
    Study("moments", "magnetic moments", RECOILS, MOMENTS),
    Study("moments_plane", "moments of two flavours", RECOILS, MOMENTS[:2], together=True),
    Study("quarks", "mediator of 10 MeV", COHERENT, ("x_u", "x_d"), together=True, mass_mev=10.0),
    Study("nucleons", "mediator of 10 MeV", COHERENT, ("x_p", "x_n"), together=True, mass_mev=10.0),
    Study(
        "flavours",
        "mediator of 10 MeV by flavour",
        COHERENT[:1],
        ("x_ee_q", "x_mumu_q"),
        together=True,
        mass_mev=10.0,
    ),
    WITHOUT,
    Study("hands", "couplings to electrons", RECOILS, HANDS, bounds=BOUNDS),
    Study("directions", "directions", RECOILS, DIRECTIONS, bounds=BOUNDS),
)


def main(folder: Path) -> None:
    """Run what is missing, and write the page."""
    found = {study.name: study.run(folder) for study in STUDIES}
    print(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
