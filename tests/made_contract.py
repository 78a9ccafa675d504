"""What the tests of strategies share: which checks of the contract are whose, and which are skipped, and why."""

from skal.query import info
from skal.testing import CHECKS, check_query_strategy

# The decorator answers for these, with the same lines for every strategy (test_strategies.py).
OF_THE_DOOR = (
    "check_signature",
    "check_return_form",
    "check_bad_n_instances",
    "check_empty_pool",
    "check_unknown_option",
    "check_missing_labeled_data",
)
OF_THE_STRATEGY = tuple(name for name in CHECKS if name not in OF_THE_DOOR)
OF_PIXELS = tuple(name for name in CHECKS if name.startswith("check_pixels"))
OF_ROWS = tuple(name for name in OF_THE_STRATEGY if name not in OF_PIXELS)
# Of a strategy whose options lead to other lines than its defaults.
OF_OPTIONS = (
    "check_batch",
    "check_same_seed_same_picks",
    "check_ties_are_random",
    "check_model_untouched",
    "check_block_size",
)

REFUSE_PIXELS = {
    *("badge", "bait", "batch_bald", "clue", "contrastive_active_learning", "drop_query", "epig"),
    *("expected_error_reduction", "expected_gradient_length", "falcun", "galaxy", "albl", "quire"),
    *("epistemic_sampling", "mcpal", "cost_embedding_sampling", "auto_sampling", "find_sampling"),
    *("most_likely_sampling",),
}
OUTPUTS = {
    *("proba", "committee", "multilabel", "sampled_proba", "predicted_loss", "boundary", "discriminator_score"),
    *("prediction", "std", "committee_prediction"),
}
OF_NUMBERS = {"prediction", "std", "committee_prediction"}


def keeps_the_contract(strategy, checks=OF_THE_STRATEGY, name=""):
    """Each of the checks passes, or says nothing about the strategy where that is expected, and nowhere else."""
    findings = check_query_strategy(strategy, checks=checks)
    skipped = {check for check, found in findings.items() if found.startswith("skipped")}
    assert skipped == skips(strategy, name) & set(checks)


def skips(strategy, name):
    """Checks that say nothing about a strategy, by what it reads and how it picks."""
    whole, reads, found = strategy, set(info(strategy).reads), set()
    asked = set(reads)  # of the model, by a part as well
    while hasattr(whole, "func"):
        if "part" in whole.keywords:
            asked |= outputs_of(whole.keywords["part"])
        whole = whole.func
    if "multilabel" in reads:
        found |= {"check_prefers_the_unknown", "check_equal_scores", "check_single_class"}
    if "find" in info(strategy).options:
        found.add("check_prefers_the_unknown")
    if OF_NUMBERS & reads:
        found |= {"check_single_class", *OF_PIXELS}
    if "multilabel" in reads or name in REFUSE_PIXELS:
        found |= set(OF_PIXELS)
    if "embedding" not in reads:
        found.add("check_non_finite_features")
    if not asked & OUTPUTS:
        found.add("check_non_finite_proba")
    if "labels" not in reads:
        found.add("check_missing_labeled_data")
    if not whole.scores_rows:
        found.add("check_highest_scores")
    return found


def outputs_of(strategy):
    """What a strategy reads, and the strategies within it."""
    part = getattr(strategy, "keywords", {}).get("part")
    return set(info(strategy).reads) | (outputs_of(part) if part is not None else set())
