"""Where the COHERENT CsI table of 2021 comes from."""

from __future__ import annotations

TITLE = "COHERENT CsI, all data (2021)"
DOI = "10.1103/PhysRevLett.129.081801"
LICENCE = "not stated with the tables; the paper is to be cited"
PAPER = "arXiv:2110.07730"
FOLDER = "coherent_csi_2021"
ORIGIN = "from the ancillary files of arXiv:2110.07730v2"
ATTRIBUTES = {"title": TITLE, "doi": DOI, "licence": LICENCE, "paper": PAPER}

REFERENCE = f"""\
{TITLE}

Source
  Ancillary files of {PAPER}v2, doi:{DOI}. Read from the copies in
  github.com/philippeller/Newtrinos.jl, commit 653141ba6e05dd920fd0a795eb82e3de626076ce, folder
  src/experiments/coherent/coherent_2020/csi; the times of the neutrinos from the marginal
  distributions that data/pion_decay/REFERENCE describes.
  Licence: {LICENCE}.

Papers to cite
  {PAPER}, Phys. Rev. Lett. 129 (2022) 081801.

What was derived, and how (bayes_cevns.releases.coherent_csi)
  The bins are those of the paper's figures: photoelectrons 0, 8, 12, 16, 20, 24, 32, 40, 50, 60;
  times eight of 0.125 us, then 1, 2, 4, 6 us. The flat dimension `bin` runs through the times of
  one bin of photoelectrons after the other.
  response_prompt, response_delayed
             probability that a recoil of an energy in keV is observed in a bin, for the line of
             nu_mu, and for nu_e and anti nu_mu together, whose times are averaged (in no bin do
             they differ by more than 0.1% of all). E_ee = a T + b T^2 + c T^3 + d T^4 (MeV) of
             scintRespCoefficients.txt; 13.35 photoelectrons per keV; a Gamma density of shape
             1 + 9.56 E_ee/keV; the efficiency of effCoefficients.txt, floored at zero; the
             efficiency in time, 1 below 0.52 us and then exp(-0.0494 (t - 0.52)), cut at 6 us.
             Rounded to multiples of 2^-20.
    quenching   systematic model 1 of the scintillation response, in standard deviations; +1 is
                3.0% less signal. Model 0 is left out: 0.9% of the signal, tilting its spectrum
                from +3% at 8 to -6% at 60 photoelectrons.
    efficiency  the efficiency's systematic model, in standard deviations. The last line of
                effCoefficients.txt repeats the label +1 and is the -1 sigma curve. The signal
                changes by +11% and -10%, almost all of it below 20 photoelectrons.
    onset       delay of the neutrinos in us. The release leaves it free.
    The coefficients of all variations are linear in the standard deviations (checked by the
    builder) and continued to 3.
  steady_state
             1286 events: the photoelectrons of the anticoincident sample, and a rate constant in
             time but for the efficiency in time.
  brn, nin   18.4 beam-related and 5.6 neutrino-induced neutrons, shapes of brnPE.txt, brnTrec.txt,
             ninPE.txt and ninTrec.txt, each normalised first. Their photoelectrons include the
             efficiency, their times do not; with it they integrate to 27.4 and 6.9.
  observed   the coincident sample.
  exposure   14.6 kg times one year; the source spreads the protons on target over this year:
             3.198e23 of them, 0.0848 neutrinos of each flavour per proton, 19.3 m.
  The copies of the release that were read have no text; the constants that are in no file (light
  yield, resolution, efficiency in time, numbers of background events with their uncertainties)
  are those that users of the release state.

  inputs.toml, and the attribute input_sha256 of response.nc, identify the raw files.

Check values, all bins
  Coincident / anticoincident events 1578 / 1295.
  Expected CEvNS: 348 with the Helm form factor (341 +- 11 published; 322 with the shell-model form
  factor of Hoferichter et al. 2020). Fitted with that: 308 +32 -31, published 306 +- 20
  (validation/experiment_coherent_csi.py says why).
"""
