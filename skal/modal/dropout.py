"""Passes with dropout, as `modAL.dropout`; modAL's ``num_cycles`` is ``n_samples``."""

from skal import query
from skal.modal._forms import in_modals_form

__all__ = ["mc_dropout_bald", "mc_dropout_max_entropy", "mc_dropout_max_variationRatios", "mc_dropout_mean_st"]

mc_dropout_bald = in_modals_form(query.bald, __name__, "mc_dropout_bald")
mc_dropout_mean_st = in_modals_form(query.mc_dropout_mean_std, __name__, "mc_dropout_mean_st")
mc_dropout_max_entropy = in_modals_form(query.mc_dropout_entropy, __name__, "mc_dropout_max_entropy")
mc_dropout_max_variationRatios = in_modals_form(
    query.mc_dropout_variation_ratio, __name__, "mc_dropout_max_variationRatios"
)
