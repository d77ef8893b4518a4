"""Results as files for others: HEPData, LaTeX, CSV with units, JSON, pyhf."""
