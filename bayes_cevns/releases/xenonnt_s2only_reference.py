"""Where the XENONnT ionisation-only table comes from."""

from __future__ import annotations

TITLE = "XENONnT ionisation-only (S2-only) search, SR0 + SR1 + SR2"
DOI = "10.5281/zenodo.19687012"
LICENCE = "MIT"
PAPER = "arXiv:2601.11296"

REFERENCE = f"""\
{TITLE}

Source
  Data release of the XENON collaboration, https://github.com/XENONnT/s2_only_data_release,
  commit dd00e04597a23c07324d41bc9773c0c59ed01337; archived as doi:{DOI},
  as others quote it. Read from CSV copies of its data/real_data.pkl (events_SR*.csv) and of its
  data/templates/*.h5 (background_templates_all_variations.csv), and from its response/*.csv.
  Licence: {LICENCE}, after the release's .zenodo.json.

Papers to cite
  {PAPER}: Light Dark Matter Search with 7.8 Tonne-Year of Ionization-Only Data in XENONnT.

What was derived, and how (bayes_cevns.releases.xenonnt_s2only)
  response.nc gathers the release; no number is changed but for the rounding of `response`.
  response   response/: probability that a nuclear recoil of an energy in keV is detected in a
             bin, for 7 charge-yield pulls (tqy) in standard deviations; rounded to 32 bits. The
             energies are those of the release: 0.5, 0.51, every 0.05 keV from 0.55 to 0.8, and
             every 0.1 keV from there to 5.0.
  cathode    events of the cathode, expected per tonne year, for 7 pulls of their shape (tsys),
             of which each run has its own. The total does not depend on the pull.
  de, ae     delayed electrons and after-emission, expected per tonne year. The release has no
             after-emission in SR2; its template there is filled with 2.6e-11.
  released_cevns
             the release's own expected 8B CEvNS, per tonne year; a check, not an input.
  observed   the events of the runs in seven bins of S2 area, 80 to 500 PE.
  exposure   tonne years, livetime_sr0, ... of the release's s2_only_statistical_model.yaml.
  The templates called wfsim are the simulation behind the response and no background.

  inputs.toml, and the attribute input_sha256 of response.nc, identify the raw files.

Check values, SR0 / SR1 / SR2
  Observed events 583 / 864 / 1107.
  Expected: CEvNS as released 20.6 / 29.4 / 32.3, cathode 476.7 / 660.3 / 1207.1,
  delayed electrons 1.32 / 0.34 / 17.2, after-emission 97.0 / 108.5 / 0.
  The response times a Standard-Model 8B spectrum of 5.46e6 per cm2 s gives 3.1 / 3.3 / 4.3% more
  CEvNS than released. The release's flux is not stated with its templates; its uncertainty,
  3.81%, is that of SNO, and at SNO's 5.25e6 the difference is -0.9 / -0.6 / +0.2% of a run, and
  within 2.1% in the bins of 80 to 320 PE (3 to 5% in the last, where 0.02 events a
  tonne year or less are expected).
  At tqy = +3 the response, which begins at 0.5 keV, gives 5% less than released in SR0 and SR1,
  most of it in the first bin (9%): the release's CEvNS has recoils below 0.5 keV.
"""
