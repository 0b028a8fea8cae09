"""Sigma: rules read with pySigma and compiled to conditions of our own, which keep nothing of pySigma."""
