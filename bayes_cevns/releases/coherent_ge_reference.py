"""Where the table of COHERENT's germanium array in time and energy comes from."""

from __future__ import annotations

TITLE = "COHERENT Ge-Mini germanium array in time and energy"
LICENCE = "none stated; numbers of a publication, which is to be cited"
PAPER = "arXiv:2406.13806"

REFERENCE = f"""\
{TITLE}

Source
  Counts: Adamski et al. (COHERENT), {PAPER}, Phys. Rev. Lett. 134 (2025) 231801, figures 5a and
  5b, which print them as text; transcribed in github.com/Dylanlafranky/ARA-GIT, commit
  e0ba80b102ac933d20a79d83ca3351c1548bc8da, folder analysis/muon/T377_ge_mini_handover. Curves in
  time (T377_timing_projection.csv): a figure of the same paper, the same transcription.
  Efficiencies: github.com/emmaeline/Ge_paper_signalExpectation, commit
  d5d9d3b6ac387d4546bbff4c747c1944f1d7686d, of an author of the paper.
  Licence: {LICENCE}. Counts and curves are facts read off a publication.

What was derived, and how (bayes_cevns.releases.coherent_ge)
  bins       10 of time, -4 to 36 us after the trigger of the beam in steps of 4 us, and 7 of
             energy, 1.5 to 7.5 and 11.5 to 19.5 keVee in steps of 2. The flat dimension `bin` runs
             through the energies of one time after the other. The two columns from 7.5 to
             11.5 keVee are left out: they have the 10.37 keV line of 68Ge and 71Ge, and the paper
             leaves out 8.5 to 11.
  response_prompt, response_delayed
             probability that a recoil of the line of nu_mu, or of nu_e and anti nu_mu, is observed
             in a bin: Lindhard's quenching (an axis, lindhard_k_ge), resolution, efficiency to have
             a time and weights of the five detectors as in coherent_ge_counts, times the share of
             the neutrinos that are seen in the bin of time. These shares are the curves of the
             paper, each with the area one: times in germanium, smeared by the drift of charges.
             They were drawn for 1.5 to 8.5 keVee (the ratio of their areas, 0.377, is that of the
             Standard Model there, 0.374) and are used at all energies. Zero with the beam off.
  steady_*   steady-state events of one column in energy, the same in all bins of time and with the
             beam on and off; the unit is the number with the beam off.
  exposure   10.66 kg times one year; the sources sns_ge_2024_prompt and _delayed spread the protons
             of the run over this year: 2.09e23 protons kg / 10.66 kg, 0.288 neutrinos of three
             flavours per proton, 19.2 m.

  inputs.toml, and the attribute input_sha256 of response.nc, identify the raw files.

Doubts
  No file states the edges of the bins. The paper's text has the window in time; the energies were
  found from the threshold of 1.5 and the end of 20 keVee, and checked by the paper's counting
  analysis: its 21.0 +- 7.8 events in 1.5-8.5 keVee and 0-8 us are a difference of 21 and an error
  of sqrt(41 + 20); the grid has 20 with the beam off, and 39 + 6, of which 2 would be below
  8.5 keVee, with the beam on. Nine equal bins from 1.5 to 20 keVee pass these checks as well. Then
  the first edge is at 3.56 instead of 3.5 keVee and the last half a keVee higher: the expectation
  moves by 0.2 events and the fitted number by less than 0.1, a hundredth of its error, so that
  it is no nuisance.
  2.09e23 protons kg are 4.4% less than 10.22 GW h kg at the 1.05 GeV of the public code (2.19e23),
  with which coherent_ge_counts has its expectation and the paper, it seems, its 35.1 events. They
  are 10.22 GW h kg at a proton energy of 1.10 GeV. In 1.5 to 8.5 keVee the sources of the two cards
  give 32.9 and 34.5 events with Helm and k = 0.162, 4.9% apart (0.3% of it are 0.096 and 0.09627
  neutrinos of a flavour per proton): half of the 10% of the yield.
  Beam-related neutrons, 0.67 +- 0.34 events, are left out: their times and energies are not
  published.
  The share of events in a bin of time is a fitted model of the paper; it has no error here.

Check values, all bins
  Events: 161 with the beam on, 150 with the beam off (columns 64 27 20 13 15 15 7 and
  48 28 20 13 15 11 15).
  Standard Model with k = 0.157: 31.6 events with the Klein-Nystrand form factor, 33.2 with Helm.
  Fitted with a free amount of signal: 20.1 +7.3 -6.6 events, no signal 3.5 standard deviations
  (published, unbinned, with a background whose shape in energy is known: 20.6 +7.1 -6.3, 3.9).
"""
