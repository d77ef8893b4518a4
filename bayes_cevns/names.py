"""Names that a user may choose from, with what they mean."""

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
    "flat": "uniform in the amplitude x: the product g_nu g_f or the square g^2 of a mediator's "
    "coupling, the moment itself of a moment (with both signs where the sign is observable)",
    "flat-rate": "uniform in the expected number of signal events",
    "log": "uniform in the log of the quoted coupling, down to a hundredth of the one that makes "
    "one event",
}
