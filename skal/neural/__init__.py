"""Estimators around torch nets, trained by skorch."""

from skal.neural.classifier import NeuralClassifier
from skal.neural.ensemble import EnsembleClassifier
from skal.neural.loss_prediction import LossPredictionClassifier
from skal.neural.loss_segmenter import LossPredictionSegmenter
from skal.neural.regressor import NeuralRegressor
from skal.neural.segmenter import NeuralSegmenter
from skal.neural.vae import VariationalAutoencoder

__all__ = [
    "EnsembleClassifier",
    "LossPredictionClassifier",
    "LossPredictionSegmenter",
    "NeuralClassifier",
    "NeuralRegressor",
    "NeuralSegmenter",
    "VariationalAutoencoder",
]
