"""The part of the documentation that UDA and FixMatch have in common, written once."""

from __future__ import annotations

from skal.shared_docs import filled_by

_PARTS = {
    "rows": """
max_steps : int, default=1000
    Steps; each takes `batch_size` labelled and `unlabeled_batch_size` unlabelled rows.
batch_size : int, default=32
    Labelled rows a step; where there are fewer, some stand in a batch twice, augmented anew.
unlabeled_batch_size : int or None, default=None
    Unlabelled rows a step; None: four times `batch_size`.
unlabeled_weight : float, default=1.0
    Weight of the unlabelled rows' loss; 0 is supervised training with these augmentations.
""",
    "augmentations": """
augment : str, callable or None, default="weak"
    Of labelled rows and of those that are guessed: what `skal.augment.make_augmentation` reads. The flip of images
    in "weak" is wrong for digits and letters: ``skal.augment.Weak(flip=False)``.
strong : str, callable or None, default="strong"
    Of the unlabelled rows that must agree with the guess.
""",
    "training": """
ema_decay : float or None, default=0.999
    Of the moving average of the weights by which is predicted; None: by the last weights. Early on the average is
    shorter, so short trainings may keep it.
schedule : {"cosine", None}, default="cosine"
    Whether the learning rate falls to a fifth, along ``cos(7 pi t / 16)``.
lr : float, default=1e-3
    Learning rate.
optimizer : class, default=torch.optim.Adam
    With ``optimizer__*`` options.
device, random_state, missing_label, classes, class_weight, warm_start, standardize, embedding_layer, callbacks, \
channels_last, bf16, verbose
    As of `skal.neural.NeuralClassifier`; an epoch of the callbacks is 50 steps. ``warm_start`` goes on from the
    averaged weights.
**options
    ``module__*`` and ``optimizer__*``.
""",
    "attributes": """
classes_ : ndarray of shape (C,)
    Labels, sorted.
net_ : skorch net
    With ``net_.module_`` the trained module.
history_ : list of dict
    One an epoch of 50 steps: means of ``train_loss``, ``labeled_loss``, ``consistency_loss`` and of ``trusted``, the
    share of guesses that were confident enough; ``dur`` in seconds.
n_labeled_ : int
    Labelled rows.
n_iter_ : int
    Epochs.
n_features_in_ : int
    Columns of a table, channels of images.
""",
    "notes": """
A step is one pass without gradient over the unlabelled rows, and one with gradient over the labelled ones and the
augmented unlabelled ones together; the public codes take all three in one pass with gradient, which costs more and
differs in what batch normalisation averages. Time: `max_steps` steps, whatever the size of the pool. Memory: the
rows that are kept on the device, else one batch.

Weights of rows and classes are of the labelled rows' loss; guesses on unlabelled rows count the same. There is no
``partial_fit``: a pass over a few new rows has no unlabelled rows to learn from.

Augmentation is for training: probabilities and embeddings are those of the rows as they are.
""",
}

documented = filled_by(_PARTS)
