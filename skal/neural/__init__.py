"""Estimators around torch nets, trained by skorch."""

from skal.neural.classifier import NeuralClassifier
from skal.neural.ensemble import EnsembleClassifier
from skal.neural.loss_prediction import LossPredictionClassifier
from skal.neural.vae import VariationalAutoencoder

__all__ = ["EnsembleClassifier", "LossPredictionClassifier", "NeuralClassifier", "VariationalAutoencoder"]
