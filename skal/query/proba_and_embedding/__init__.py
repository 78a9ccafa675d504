"""Strategies that read class probabilities and one vector a row."""
