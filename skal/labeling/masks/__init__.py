"""Masks as answers: shapes as a person draws them, the mask that they mean, and the files that keep both.

Nothing is imported here, so that a project of other answers does not load what draws masks: see `shapes`, `drawing`,
`store`, `votes`, `regions`, `cost`.
"""
