"""Where the Dresden-II table comes from."""

from __future__ import annotations

TITLE = "Dresden-II: CEvNS of reactor antineutrinos on germanium"
LICENCE = "none stated; ancillary files of the paper, which is to be cited"
PAPER = "arXiv:2202.09672"

REFERENCE = f"""\
{TITLE}

Source
  Ancillary files of Colaresi, Collar, Hossbach, Lewis and Yocum, Phys. Rev. Lett. 129 (2022)
  211802, {PAPER}, as copied in github.com/LeireLarizgoitia/Reactor_CEnuNS (commit
  2242059ec1784d3f70d89add2f3bd7d63ef20239): data_release.txt and QF_Fef_YBe.txt.
  Licence: {LICENCE}.

Papers to cite
  {PAPER} for the data; Collar, Kavner and Lewis, Phys. Rev. D 103 (2021) 122003,
  arXiv:2102.10089, for the quenching factors; Coloma et al., JHEP 05 (2022) 037,
  arXiv:2202.10829, for the model of the background.

What was derived, and how (bayes_cevns.releases.dresden_ii)
  observed, sigma
      The release has acceptance-corrected events per 10 eV and day in the detector of 2.924 kg,
      and an error that holds statistics and acceptance. Here: both times 96.4 d. They are no
      whole counts: an error of 2% where 9700 events would have 1% shows that about 45% of events
      were accepted, and a common 1.3%. Hence a normal likelihood; correlations between bins are
      not public and left out, as the published analyses do.
  off, off_sigma
      The same with the reactor off, times 25 d. Not a run of the fit: with the reactor off the
      epithermal neutrons are other ones (slope 5.8 +- 0.6 instead of 3.9 +- 0.1 per keV) and the
      activation has grown (peak at 1.3007 instead of 1.2923 keV, twice as high), so that
      no shape of the background could be shared; the published analyses fit the on-spectrum alone.
  response_fef, response_ybe
      Probability that a nuclear recoil is seen in one of 130 bins of 10 eV, 0.2 to 1.5 keV. It is
      seen as E = Q T, Q the quenching factor of the release (from iron-filtered neutrons, or from
      photo-neutrons of YBe), smeared by a Gaussian of sigma^2 = noise^2 + 0.11 x 2.96 eV x E,
      noise 68.5 eV ({PAPER}). Recoils that make less ionisation than one electron-hole pair,
      2.96 eV (T < 6.8 eV for Fef, 7.9 eV for YBe) are not seen; all others may fluctuate
      above threshold: 56% (Fef) or 88% (YBe) of the signal come from E below the threshold, 20 or
      40% from below 0.1 keV, 6 or 14% from below 0.05 keV.
      quenching_factor_fef and _ybe have Q at these energies.
      quenching: Q times 1 + 0.05 x pull. noise: in keV. 61 recoil energies.
  response_electron
      The same for electronic recoils, E = T, 2.96 eV to 2 keV.
  epithermal, constant, l_shell, m_shell
      Shapes of the background, in events of 96.4 d: N exp(-slope (E - 0.2 keV)); a
      constant; the L1 line of 71Ge at about 1.29 keV, with L2 at 1.142 keV, 0.008 of it; the M1
      line at 0.158 keV, 0.16 of L1, as wide as the noise makes it. Forms and fixed numbers are
      those of {PAPER} and arXiv:2202.10829; nominal sizes are those of a fit.
  exposure
      2.924 kg x 96.4 d.

Doubts
  The L1 line is 69.5 +- 0.5 eV wide, where noise of 68.5 eV and a Fano factor of 0.11 give
  71.5 eV. With the noise 2 eV lower there are 4% (Fef) or 8% (YBe) less CEvNS: it is a nuisance.
  The unit of the release says 3 kg where the detector has 2.924 kg; taken as a rounding, as in the
  copy named above.

Check values
  Rates a day in the first and last bin: on 92.851 and 14.610, off 47.287 and 8.6612.
  CEvNS of the Standard Model, a day and 0.2 to 1.5 keV: 91 (Fef), 46.5 (YBe) at 4.8e13 per cm2 s
  for all antineutrinos, those after neutron capture among them; neutrino-electron 0.03.
  Best fit, chi2 for 130 bins: background alone 110.7; with the Standard Model 103.8 (Fef), 106.4
  (YBe); with a free amount of CEvNS 1.25 +- 0.45 (Fef), 2.0 +- 0.8 (YBe) of it.
"""
