"""The part of the documentation that VAAL and SRAAL have in common, written once."""

from __future__ import annotations

from skal.shared_docs import filled_by

_PARTS = {
    "discriminator": """
discriminator : class, function or None, default=None
    Latents (n, d) to logits (n,) of the state. None: `skal.nets.discriminator`, three linear layers of 256.
""",
    "weights": """
likelihood : {"calibrated", "unit", "mean"}, default="calibrated"
    What a reconstruction costs: a Gaussian whose variance fits the batch, one of variance 1, or the mean square.
    Under "calibrated" the bound is in nats whatever the scale of the inputs. Under "unit" a few pixels in [0, 1] cost
    next to nothing: the latent collapses, and the game erases the difference that the discriminator should find.
reconstruction_weight, kl_weight : float, default=1.0
    Weights of the two parts of the bound.
adversarial_weight : float, default=1.0
    Weight of looking labelled. Under "calibrated" it is multiplied by d / 64 for rows of d numbers, since the bound
    grows with d and the game does not. 0 is the ablation without a game.
warmup : float, default=0.5
    Share of the steps over which that weight grows from 0, in [0, 1]. A latent that says nothing yet is easily made
    to look the same for all rows, and then stays so.
""",
    "steps": """
max_steps : int, default=500
    Steps of the game; each takes `batch_size` labelled and as many unlabelled rows.
max_epochs : int or None, default=None
    Passes over the unlabelled rows, where these are fewer steps.
judge_steps : int, default=300
    Steps of the fresh discriminator whose scores are used, on latents that no longer move. 0: scores are those of the
    discriminator of the game.
""",
    "training": """
batch_size : int, default=32
    Rows of either state a step.
lr : float, default=1e-3
    Learning rate of both optimizers.
optimizer : class, default=torch.optim.Adam
    With ``optimizer__*`` options.
device : str, default="auto"
    "auto": CUDA, else MPS, else the CPU.
random_state : int, RandomState or None, default=None
    Seeds everything; no global generator of torch is touched.
missing_label : scalar, default="auto"
    Marks rows of `y` without a label; see `skal.labels.unlabeled_mask`.
standardize : bool or "auto", default="auto"
    Whether columns of a table are standardised, and cut at three deviations. Images of bytes are divided by 255.
    Components of a PCA become equally large by it, noise too; False is often better there.
keep_on_device : bool or "auto", default="auto"
    Whether all rows are kept on the device, images of bytes as bytes, or read batch by batch, which costs one batch
    of memory. "auto": where they take less than a quarter of what is free on a GPU, and tables of less than 1 GiB
    that are in memory.
callbacks : list of skorch callbacks or None, default=None
    Called each epoch of 50 steps.
channels_last : bool, default=True
    Memory format of images: faster convolutions, on the CPU as well.
bf16 : bool, default=False
    Forward passes in bfloat16, for GPUs.
verbose : int, default=0
    1 prints a line an epoch.
**options
    ``module__*``, ``discriminator__*`` and ``optimizer__*``.
""",
    "attributes": """
net_ : skorch net
    With ``net_.module_`` the autoencoder and ``net_.discriminator_`` what scores: the judge.
history_ : list of dict
    One an epoch of 50 steps: ``phase``, the mean of each loss (``reconstruction``, ``kl``, ``target``,
    ``adversarial``, ``discriminator``), the discriminator's ``accuracy``, ``dur`` in seconds.
diagnostics_ : Diagnostics
    How well labelled and unlabelled rows are told apart, and how far their scores are spread.
n_iter_ : int
    Epochs, of game and judgement.
n_features_in_ : int
    Columns of a table, channels of images.
""",
    "notes": """
Training ends with a judge: the encoder rests, and a fresh discriminator learns the states of draws from it. In the
game the discriminator runs behind a moving encoder; at rest it comes to ``u p_U / (p_L + p_U)`` of the latents that
are there.

Time: `max_steps` steps of the autoencoder, whatever the size of the pool, and one pass of the encoder a query.
Memory: rows kept on the device, else one batch. A score is the mean over eight draws of the row's latent, since the
judge was trained on draws; the noise is the same for all rows and calls, nets are in evaluation mode, and batches are
of one size, so a row's score does not depend on what else is asked, but for the last digits of float32.
""",
    "references": """
.. [2] Rybkin, Daniilidis & Levine, "Simple and effective VAE training with calibrated decoders", ICML 2021.
""",
}


documented = filled_by(_PARTS)
