"""Nuclei, form factors, cross sections and the catalogue of interactions. NumPy only."""
