"""Runs of the whole loop on particular problems and models; the core packages know nothing of them."""
