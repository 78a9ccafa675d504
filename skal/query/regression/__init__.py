"""Strategies for numbers to predict: they read predictions, how sure a regressor is of them, or features."""
