"""Names that a user may choose from, with what they mean."""

PRIOR_TEXTS = {
    "flat": "uniform in x = g_nu g_q (with both signs where the sign is observable)",
    "flat-rate": "uniform in the expected number of signal events",
    "log": "uniform in log g, down to a hundredth of the coupling that makes one event",
}
