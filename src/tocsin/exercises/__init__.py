"""Exercises: simulations that run through the real intake, always labelled as such."""
