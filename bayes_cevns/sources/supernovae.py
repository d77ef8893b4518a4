"""The diffuse supernova neutrino background."""

from __future__ import annotations

from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.sources.source import Source
from bayes_cevns.sources.spectrum import Spectrum
from bayes_cevns.sources.table import columns


def diffuse_supernova_background() -> Source:
    """Return the diffuse supernova background, 85.7 neutrinos of all flavours per cm^2 and s.

    The table is the sum of three thermal spectra of 3 MeV (nu_e), 5 MeV (anti nu_e) and 8 MeV
    (the other four) at the source, and does not resolve them. Assumed here: each of the six
    flavours has a sixth of the sum, with the same spectrum. That is exact for flavour-blind
    rates; for flavoured ones it stands for complete mixing, and makes nu_mu and nu_tau equal,
    as arXiv:2112.03309 assumes. Published uncertainty: about 50%.

    References
    ----------
    O'Hare, Phys. Rev. Lett. 127 (2021) 251802, arXiv:2109.03116, after Beacom, Annu. Rev.
    Nucl. Part. Sci. 60 (2010) 439.
    """
    table = columns("atmospheric/dsnb.csv")
    share = Spectrum(
        "dsnb",
        table["energy_mev"],
        table["flux_per_cm2_s_mev"] / len(FLAVOURS),
        ("OHare:2021utq", "Beacom:2010kk"),
    )
    return Source("dsnb", dict.fromkeys(FLAVOURS, (share,)))
