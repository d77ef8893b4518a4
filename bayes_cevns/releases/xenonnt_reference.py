"""Where the XENONnT solar-8B table comes from."""

from __future__ import annotations

TITLE = "XENONnT solar 8B neutrino search, SR0 + SR1 + SR2"
DOI = "10.5281/zenodo.20576156"
LICENCE = "CC-BY-4.0"
PAPERS = "arXiv:2604.06002; Phys. Rev. Lett. 133 (2024) 191002"

REFERENCE = f"""\
{TITLE}

Source
  Data release of the XENON collaboration, doi:{DOI}.
  Licence: {LICENCE} (https://creativecommons.org/licenses/by/4.0/).

Papers to cite
  SR0 + SR1 + SR2: arXiv:2604.06002.
  SR0 + SR1: XENON collaboration, Phys. Rev. Lett. 133 (2024) 191002.

What was derived, and how (bayes_cevns.releases.xenonnt_cevns)
  response.nc gathers the release; no number is changed but for the rounding of `response`.
  response   templates/<run>/mono: probability that a nuclear recoil of an energy in keV is
             detected in a bin, for 7 x 7 light-yield (tly) and charge-yield (tqy) pulls in
             standard deviations; rounded to 32 bits (relative 6e-8).
  neutron    templates/<run>/rg, radiogenic neutrons, expected events per tonne year.
  ac, er     templates/<run>/ac and er: accidental coincidences and electronic recoils,
             expected events per tonne year. Multiply by `exposure` to get expected counts.
  observed   the events of data/<run>.csv, counted in the bins of binning/<run>.yaml.
  exposure   tonne years, from the variable `livetimes` of the release's notebook plot.ipynb.
  edges_*    binning/<run>.yaml. The templates have the same edges within 5e-13; their second
             axis is there called s2_shadow_s2_time_shadow, without "_quantile".
  bin        the 3 x 3 x 3 x 3 bins in C order: cs2 slowest, then s2_shadow, s1_bdt, s2_bdt;
             the coordinates cs2_bin, ... tell the bin number along each observable.

  inputs.toml, and the attribute input_sha256 of response.nc, identify the raw files. For
  sr0/mono, in the folder of the release: sha256sum templates/sr0/mono/* | LC_ALL=C sort | sha256sum

Check values, SR0 / SR1 / SR2
  Observed events 9 / 28 / 25.
  Expected at nominal yields: accidental coincidences 7.48 / 17.77 / 14.86,
  electronic recoils 0.126 / 0.549 / 0.524, neutrons 0.171 / 0.405 / 0.175.
"""
