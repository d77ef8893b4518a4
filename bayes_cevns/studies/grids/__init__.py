"""Grids: an analysis with lists, whose product is many studies in one folder."""
