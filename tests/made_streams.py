"""A small double of a model of river: it learns dicts one by one and is asked for one at a time."""

import math


class Online:
    """Nearest mean of each class; the nearer, the likelier."""

    def __init__(self):
        self.means, self.counts = {}, {}

    def learn_one(self, x, y):
        n = self.counts[y] = self.counts.get(y, 0) + 1
        mean = self.means.setdefault(y, dict.fromkeys(x, 0.0))
        for name, value in x.items():
            mean[name] += (value - mean[name]) / n

    def predict_proba_one(self, x):
        near = {
            label: math.exp(-sum((value - mean[name]) ** 2 for name, value in x.items()))
            for label, mean in self.means.items()
        }
        total = sum(near.values())
        return {label: value / total for label, value in near.items()}

    def predict_one(self, x):
        chances = self.predict_proba_one(x)
        return max(chances, key=chances.get) if chances else None
