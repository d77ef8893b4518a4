"""Where the table of XENONnT's first 8B search comes from."""

from __future__ import annotations

TITLE = "XENONnT solar 8B neutrino search, SR0 + SR1, as published in 2024"
DOI = "10.5281/zenodo.14522706"
LICENCE = "none stated (2024 release); CC-BY-4.0 (2026 release)"
PAPER = "arXiv:2409.17868; arXiv:2408.02877"

REFERENCE = f"""\
{TITLE}

Source
  Data release of the XENON collaboration, https://github.com/XENONnT/light_wimp_data_release,
  commit a09cd8fd77570dc2095f65f094fbcc114b634dfc; archived as doi:{DOI}.
  Licence: the repository states none.
  Responses: the release of 2026, doi:10.5281/zenodo.20576156, CC-BY-4.0 (xenonnt_cevns).

Papers to cite
  The search: XENON collaboration, Phys. Rev. Lett. 133 (2024) 191002, arXiv:2408.02877.
  The release: XENON collaboration, Phys. Rev. Lett. 134 (2025) 111802, arXiv:2409.17868.
  The responses: arXiv:2604.06002.

What was derived, and how (bayes_cevns.releases.xenonnt_2024), in response.nc
  observed   the events of SR0 and SR1 (events_SR*.csv, copies of the release's real_data.pkl), in
             the bins of binning/<run>.yaml of the release of 2026, which are those of 2024.
  ac, er, neutron
             templates of the release at nominal yields, expected events per tonne year.
  released_signal
             its 8B template at nominal yields, expected events per tonne year; a check.
  exposure   tonne years, livetime_sr0 and _sr1 of statistical_model_base.yaml.
  response   The release folds the 8B signal; what a recoil of one energy gives is taken from the
             release of 2026, whose bins are the same. Its charge yield is another: the templates
             of 2024 are those of 2026 at a light-yield pull of -0.04 and a charge-yield pull of
             +1.77 (a fit of all bins of both runs, at 5.25e6 per cm2 s), within 8% in every bin,
             and at nominal pulls 31% (SR0) and 28% (SR1) more. So the response is that of 2026 at
             (0, 1.77), linear between the pulls 1 and 2, and each bin is then multiplied by a
             number so that the recoil spectrum of the release, signal/cevns_spectrum.json, gives
             the template of the release. In the Standard Model the responses of 2026 leave no
             trace; for another recoil spectrum they say how a bin's signal depends on energy.

  response_s2.nc
             the same summed over both runs and over all observables but S2: three bins, the n-th
             of SR0 with the n-th of SR1, whose edges differ by up to 18 PE.

  inputs.toml, and the attribute input_sha256 of the tables, identify the raw files.

Check values, SR0 / SR1
  Observed events 9 / 28, in total 37.
  Expected as released: 8B 4.25 / 7.67, in total 11.9; accidental coincidences 7.48 / 17.77,
  electronic recoils 0.126 / 0.554, neutrons 0.133 / 0.334; backgrounds in total 26.4.
  The release's recoil spectrum is 0.956 of that of 5.46e6 per cm2 s in this package, above its
  beginning at 0.45 keV, and has its quantiles within 0.0003: it is the flux of SNO, 5.25e6.
"""
