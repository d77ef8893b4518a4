"""Where the table of the CENNS-10 argon release comes from."""

from __future__ import annotations

TITLE = "COHERENT CENNS-10 liquid argon, first measurement"
DOI = "10.5281/zenodo.3903810"
LICENCE = "none stated with the copy that was read; the release asks to be cited"
PAPER = "arXiv:2003.10630"

REFERENCE = f"""\
{TITLE}

Source
  Data release of the COHERENT collaboration, arXiv:2006.12659, doi:{DOI} (Analysis A), read
  in the copy of github.com/philippeller/Newtrinos.jl, whose files are those of the archive by
  their MD5 sums. Licence: {LICENCE}, as the archive states.

Papers to cite
  {PAPER}: Akimov et al. (COHERENT), First Measurement of Coherent Elastic Neutrino-Nucleus
  Scattering on Argon; arXiv:2006.12659: the data release.

What was derived, and how (bayes_cevns.releases.coherent_lar and coherent_lar_*)
  Bins: 12 of reconstructed energy (0 to 120 keVee), 8 of F90 (0.5 to 0.9), 10 of the time of
  trigger (-0.1 to 4.9 us), in this order, the last one fastest.
  response_prompt, response_delayed
             probability that a recoil of a nu_mu of pion decay, or of a nu_e or anti nu_mu of muon
             decay, is observed in a bin, by the steps of section 5 of the release:
             E_ee = (0.246 + 0.00078 T) T; a normal distribution of 0.58 sqrt(E_ee); the efficiency
             at the reconstructed energy, linear between the points of CENNS10AnlAEfficiency.txt and
             flat above; F90 given the bin of energy, from cevnspdf.txt; and time: protons of a
             normal distribution (0.44 us, width 0.15 us), then the life of a pion, and of a muon.
  axis f90   cevnspdf.txt and its variants at +1 and -1 sigma, morphed (below). They have the same
             total and other energies, so that the probabilities of a recoil at a pull below
             zero add up to a little more than the efficiency, at most 1.08.
  axis timing
             mean time of the protons, 0.2 us for one standard deviation (LArParametersAnlA.yaml).
             At +1 that is cevnspdfCEvNSTimingMeanSyst.txt; there is no file for -1.
  brn        prompt beam-related neutrons, in counts. The release's cubes are products of a
             distribution in (energy, F90) and one in time. The former is morphed (brn_energy); the
             latter is one normal distribution (0.708 us, 0.254 us) in the central cube and in each
             variant. brn_time moves its mean by 0.095 us. brn_width multiplies its width by
             0.63 to the power of the pull: 1 is brnpdfBRNTimingWidthSyst.txt, a narrow one, and
             there is none for wide. As in the release no prompt neutron is later than 1.4 us.
  delayed_brn, steady_state, observed
             delbrnpdf.txt, bkgpdf.txt, datanobkgsub.txt, unchanged, in counts.
  released_cevns, released_cevns_late
             cevnspdf.txt and its variant in time; a check, not an input.
  exposure   24.4 kg times one year: the source spreads the 1.38e23 protons over one year.

  Morphing: in each bin a parabola through the cubes at -1, 0, 1, continued beyond by its
  tangents, never below zero, scaled to the total of the central cube. The release has one effect
  changed at a time: what two of them do together is the product of what each does.
  response_* and brn are rounded to 11 bits after the leading one (2.5e-4).

  inputs.toml, and the attribute input_sha256 of response.nc, identify the raw files.

Doubts
  The cube of CEvNS is a product of a distribution in time and one in (energy, F90), as if the
  prompt neutrinos of 29.8 MeV gave recoils up to 150 keV. They end at 47.7 keV, or 13.5 keVee:
  the responses here have this, and differ from the cube where it matters (check values).
  The cube ends at 40 keVee before resolution, where the table of the efficiency ends; here the
  efficiency goes on, as the release says, which is 0.3 events more.
  LArParametersAnlA.yaml has 3154 +- 25 steady-state events, the text of the release and the cube
  3152 +- 25, which is taken here. They are measured with five times the time of the data:
  the error of this shape, sqrt(5 N)/5 of each bin, is in no likelihood, here as in the paper.

Check values
  Events 3752; prompt neutrons 497, delayed 33, steady state 3152; CEvNS of the release 128.
  With the Standard Model (Helm, sin^2 theta_W 0.23857) the responses give 30.1 + 91.8 = 121.9
  events. By energy (from 0, 10, 20, 30 keVee) 77.0, 33.7, 8.7, 2.2, released 78.7, 37.0, 9.9, 2.4.
  The difference grows with energy as that of form factors does: with a radius 10% smaller they
  would be 79.4, 36.0, 9.7, 2.5. Which form factor the release has is not in its files.
  By F90, scaled to the same total, they agree within 2.2%; by time, within 2% but for the first
  bin (9.5%).
  A fit of the released cubes with a free CEvNS gives 160 +- 43 (published 159 +- 43), one of
  these responses 134 +- 40. That time and energy go together makes 20 of the 26 events.
"""
