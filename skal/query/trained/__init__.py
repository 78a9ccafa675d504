"""Strategies that train a model of their own at each query."""
