"""Names that a user may choose from, with what they mean."""

#: The nuclear form factor where none is named: of every function, command and script.
#: Why it is this one is said in `bayes_cevns.physics.form_factors.Standard`.
DEFAULT_FORM_FACTOR = "standard"

#: The charges of the Standard Model where nothing else is asked for.
DEFAULT_WEAK_CHARGES = "tree"

WEAK_CHARGES_TEXTS = {
    "tree": "tree level: g_V^p = 1/2 - 2 sin^2 theta_W, g_V^n = -1/2, for all flavours alike; "
    "charge radii <r^2> are the total ones then",
    "radiative": "with radiative corrections, by flavour: g_V^p = 0.0382, 0.0300, 0.0256 of e, mu, "
    "tau and g_V^n = -0.5117, and those of electrons; charge radii <r^2> are what is beyond the "
    "Standard Model then",
}

#: How atomic electrons respond where nothing else is asked for.
DEFAULT_ATOMS = "standard"

ATOMS_TEXTS = {
    "standard": "rrpa for xenon, stepping for all other elements, of which there is no table",
    "rrpa": "many-body theory (relativistic random-phase approximation), 10 to 30% below stepping; "
    "xenon alone. New physics has its effect times the nuisance atomic_response",
    "stepping": "an electron takes part in recoils above its binding energy, as a free one",
    "free": "all electrons of an atom take part",
}

#: Where the CP phase stands in the mixing matrix. It decides what a real eps_emu or eps_etau
#: means; see `bayes_cevns.physics.oscillation.phase_convention`.
PHASE_CONVENTION_TEXTS = {
    "pdg": "delta_CP in the 1-3 rotation, U = R23 R13(delta) R12, as the Particle Data Group",
    "phase-12": "delta_CP in the 1-2 rotation, U = R23 R13 R12(delta), as Coloma et al.",
}

#: The convention of all NSI couplings that go into this package and come out of it.
NSI_PHASE_CONVENTION = "pdg"

#: Printed with results that have the flux of SNO.
SNO_FLUX_NOTE = (
    "flux_8b=sno: SNO's neutral currents break up deuterons by an axial transition with a change "
    "of isospin, which vector couplings to quarks leave as it is"
)

#: Whether the mixing of solar neutrinos is a parameter of a fit.
MIXING_TEXTS = {
    "fixed": "theta_12 and dm21 are those of the propagation",
    "free": "sin2_theta12 is a nuisance where flavours of solar neutrinos matter, beside several "
    "couplings delta_m21 as well",
}

#: Octants of theta_12, which reactors do not tell apart: they see sin^2 2 theta_12.
OCTANT_TEXTS = {
    "lma": "theta_12 below 45 degrees, as solar neutrinos have it without new couplings",
    "lma-d": "theta_12 above 45 degrees: sin^2 theta_12 -> cos^2 theta_12",
    "both": "either, equally likely before the data; the result weighs them",
}

_NSI_CITE = "Cite: AristizabalSierra:2024nwf, Coloma:2023ixt"
_NSI_PHASES = {
    True: "phase of the PDG, delta_CP in the 1-3 rotation: exp(-i delta_CP) times that of Coloma "
    "et al., who have it in the 1-2 rotation",
    False: "the same with delta_CP in the 1-3 (PDG, as here) and in the 1-2 rotation",
}

NSI_TEXTS = {
    f"eps_{pair}_{quark}": f"vector coupling of nu_{' and nu_'.join(_split)} to {quark} quarks, "
    f"real, in units of sqrt2 G_F; {_NSI_PHASES[pair in ('emu', 'etau')]}; {_NSI_CITE}"
    for quark in "ud"
    for pair, _split in {
        "ee": ("e",),
        "mumu": ("mu",),
        "tautau": ("tau",),
        "emu": ("e", "mu"),
        "etau": ("e", "tau"),
        "mutau": ("mu", "tau"),
    }.items()
}

#: Couplings that may be free by name, several at once; see `bayes_cevns.couplings.named`.
COUPLING_TEXTS = {
    "eps_AB_F": "vector coupling in units of sqrt2 G_F: flavours AB (ee, mumu, tautau, emu, etau, "
    "mutau; without AB alike for all), F one of u, d, q (u and d), p, n, e or eV, eA, eL, eR; "
    "ee_u stands for eps_ee_u, and _im at the end for the imaginary part off the diagonal",
    "eps_AB[eta=E,phi=P]": "likewise in a direction, angles in degrees from -90 to 90: proton, "
    "neutron and electron have sqrt5 (cos E cos P, sin E, cos E sin P), arXiv:2302.12846",
    "x_AB_F": "product g_nu g_F of the couplings of a vector mediator, likewise; needs a mass",
    "sin2_theta_w": "the weak mixing angle, sin^2 theta_W, at low momentum transfer; radiative "
    "corrections are added at 0.23857 and do not move with it",
    "r2_nu_A": "charge radius squared of nu_A (e, mu, tau; without A of all), in 1e-32 cm^2: with "
    "weak_charges = tree the total one, an effective shift of the tree-level amplitude, with "
    "radiative what is beyond that of the Standard Model; r2_nu_AB and r2_nu_AB_im of a transition "
    "(emu, etau, mutau), which has no part of the Standard Model",
    "q_nu_A": "electric charge of nu_A in units of e, of its antineutrino the opposite; q_nu_AB, "
    "q_nu_AB_im likewise",
    "mu_nu_A": "magnetic moment of nu_A, likewise, in Bohr magnetons; mu_nu_AB, mu_nu_AB_im of "
    "transitions of Dirac neutrinos (hermitian)",
    "lambda_nu_AB": "transition moment of Majorana neutrinos (antisymmetric), likewise",
}

PRIOR_TEXTS = {
    "flat": "uniform in the amplitude x: the product g_nu g_f or the square g^2 of a mediator's "
    "coupling, the moment itself of a moment (with both signs where the sign is observable)",
    "flat-rate": "uniform in the expected number of signal events",
    "log": "uniform in the log of the quoted coupling, down to a hundredth of the one that makes "
    "one event",
}
