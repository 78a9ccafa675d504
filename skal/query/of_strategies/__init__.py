"""Strategies made of other strategies."""
