"""Where the COHERENT CsI table of 2017 comes from."""

from __future__ import annotations

TITLE = "COHERENT CsI, first observation of coherent scattering (2017)"
DOI = "10.5281/zenodo.1228631"
LICENCE = "not stated with the tables; copies are in a repository under MIT"
PAPER = "arXiv:1708.01294"
FOLDER = "coherent_csi_2017"
ORIGIN = "from https://doi.org/10.5281/zenodo.1228631"
ATTRIBUTES = {"title": TITLE, "doi": DOI, "licence": LICENCE, "paper": PAPER}

REFERENCE = f"""\
{TITLE}

Source
  Data release of the COHERENT collaboration, doi:{DOI}, arXiv:1804.09459, of the analysis of
  {PAPER}. Read from the copies in github.com/athompson-tamu/pyCEvNS, branch nsi, commit
  e895d2f03d7d4741567bc0f745ba44d034dfd85e, folder pyCEvNS/data.
  Licence: {LICENCE}.

Papers to cite
  {PAPER} (Science 357 (2017) 1123) and arXiv:1804.09459.

What was derived, and how (bayes_cevns.releases.coherent_csi_2017)
  The region of interest is 6 to 30 photoelectrons (12 bins of 2) and 0 to 6 us (12 bins of 0.5);
  the flat dimension `bin` runs through the times of one bin of photoelectrons after the other.
  response_prompt, response_delayed
             probability that a recoil of an energy in keV is observed in a bin, for the line of
             nu_mu, and for nu_e and anti nu_mu together. E_ee = Q T with the constant quenching
             factor Q = 8.78% + 1.66% x quenching of the release, the nuisance being in standard
             deviations; 13.348 photoelectrons per keV; a Gamma density of variance equal to its
             mean, which stands for the Poisson distribution of a charge that is measured
             continuously; the acceptance in bins of one photoelectron; arrival times of the
             release (arrivalTimePDF_*). Rounded to multiples of 2^-20.
  steady_state
             the beam-on anticoincident sample: its photoelectrons in the region of interest, 405
             events, times an exponential in time fitted to all its 12 us (0.0586 per us).
  neutrons   prompt neutrons: promptPDF.txt per GWh times 7.47594 GWh and the acceptance, and
             their arrival times. Neutrino-induced neutrons are in none of the files and left out.
  observed   the beam-on coincident sample.
  exposure   14.57 kg times one year; the source spreads the protons on target over this year.
  1.76e23 protons on target belong to these 7.48 GWh; they and the mass are quoted from {PAPER},
  not read from a file. 0.08 neutrinos of each flavour per proton, 19.3 m.

  qfData_chicago.txt and qfData_tunl.txt, the two measurements of the quenching factor, which
  disagree, are no input: their spread is the 1.66%. The model card has them as other priors.
  Nor are the beam-off samples, a check only.

  inputs.toml, and the attribute input_sha256 of response.nc, identify the raw files.

Doubts
  How the collaboration put the number of photoelectrons into bins of one is not stated, and moves
  the prediction: with counts n of a Poisson distribution in the bin from n - 1 to n it is 152, from
  n to n + 1 175; with the Gamma density 163 (Helm form factor; binned_counts in
  validation/experiment_coherent_csi.py).

Check values, region of interest
  Beam-on coincident / anticoincident 547 / 405; beam-off 209 / 207. Neutrons 5.4.
  Expected CEvNS: 163 here, 173 +- 48 published; fitted: 134 +- 23 here, 134 +- 22 published.
"""
