"""Limits that are expected without a signal: toys of the Standard Model, and their limits."""
