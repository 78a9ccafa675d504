"""Strategies that read a probability for each of several labels a row."""
