"""A preview of the posterior of a coupling: Laplace's approximation along its ridge, no draws."""
