"""Strategies that read class probabilities alone."""
