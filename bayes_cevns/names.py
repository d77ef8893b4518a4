"""Names that a user may choose from, with what they mean."""

#: The nuclear form factor where none is named: of every function, command and script.
#: Why it is this one is said in `bayes_cevns.physics.form_factors.Standard`.
DEFAULT_FORM_FACTOR = "standard"

_NSI_CITE = "Cite: AristizabalSierra:2024nwf, Coloma:2023ixt"

NSI_TEXTS = {
    f"eps_{pair}_{quark}": f"vector coupling of nu_{' and nu_'.join(_split)} to {quark} quarks, "
    f"real, in units of sqrt2 G_F; {_NSI_CITE}"
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

PRIOR_TEXTS = {
    "flat": "uniform in x = g_nu g_q (with both signs where the sign is observable)",
    "flat-rate": "uniform in the expected number of signal events",
    "log": "uniform in log g, down to a hundredth of the coupling that makes one event",
}
