"""Limits that others have published, in their conventions, and exactly converted to ours."""
