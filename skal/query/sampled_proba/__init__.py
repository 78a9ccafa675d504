"""Strategies that read the probabilities of several random passes, dropout as a rule."""
