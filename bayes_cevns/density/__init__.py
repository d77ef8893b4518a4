"""A joint model as arrays, and the one compiled function that evaluates all of them."""
