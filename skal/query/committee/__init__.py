"""Strategies that read the probabilities of a committee's members."""
