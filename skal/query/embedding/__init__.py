"""Strategies that read one vector a row, and no probabilities unless an option asks for them."""
