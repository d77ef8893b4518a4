"""Credible exclusions of new neutrino interactions from public CEvNS data."""

__version__ = "0.1.0"
