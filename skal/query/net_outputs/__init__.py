"""Strategies that read what only nets give: a predicted loss, a discriminator's score, the way to the boundary."""
