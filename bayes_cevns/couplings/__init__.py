"""Couplings of neutrinos to matter, from the Sun to the detector."""
