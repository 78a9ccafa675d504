"""Budgets: sequences by hand, and what holds for any prices."""

import pickle

import numpy as np
import pytest

from skal.annotation import Budget, Spending


class TestStopBefore:
    def test_rounds_by_hand(self):
        """Prices 4 5 | 3 6 1 | 9 | ...: 10 a round; one is left, then one, then two."""
        prices, budget, carried, paid = [4, 5, 3, 6, 1, 9, 20, 1], Budget(10), 0.0, []
        while prices and len(paid) < 9:
            spending = budget.spend(prices, carried)
            paid.append((spending.n_paid, spending.spent, spending.left))
            prices, carried = prices[spending.n_paid :], spending.left
        assert paid == [(2, 9, 1), (3, 10, 1), (1, 9, 2), (0, 0, 12), (2, 21, 1)]

    def test_a_dear_pick_is_never_skipped_for_a_cheap_one(self):
        assert Budget(10).spend([4, 7, 1, 1]) == Spending(1, 4.0, 6.0, True)
        assert Budget(10).spend([11, 1]) == Spending(0, 0.0, 10.0, True)

    def test_exactly_what_is_there_is_paid(self):
        assert Budget(10).spend([4, 6, 0, 1]) == Spending(3, 10.0, 0.0, True)

    def test_picks_may_run_out_before_the_money(self):
        assert Budget(10).spend([1, 2]) == Spending(2, 3.0, 7.0, False)
        assert Budget(10).spend([]) == Spending(0, 0.0, 10.0, False)


class TestOvershoot:
    def test_rounds_by_hand(self):
        """4 5 3 are 12: two over, so the next round has 8: 6 1 9 are 16, so the next has 2; it pays 20; then none."""
        prices, budget, carried, paid = [4, 5, 3, 6, 1, 9, 20, 1], Budget(10, "overshoot"), 0.0, []
        for _ in range(5):
            spending = budget.spend(prices, carried)
            paid.append((spending.n_paid, spending.spent, spending.left))
            prices, carried = prices[spending.n_paid :], spending.left
        assert paid == [(3, 12, -2), (3, 16, -8), (1, 20, -18), (0, 0, -8), (1, 1, 1)]

    def test_money_that_is_all_spent_ends_the_round(self):
        assert Budget(10, "overshoot").spend([4, 6, 1]) == Spending(2, 10.0, 0.0, True)
        assert Budget(10, "overshoot").spend([40]) == Spending(1, 40.0, -30.0, True)
        assert Budget(10, "overshoot").spend([1], carried=-10) == Spending(0, 0.0, 0.0, True)


@pytest.mark.parametrize("policy", ["stop_before", "overshoot"])
class TestAnyPrices:
    def test_the_sum_is_within_one_pick_of_the_money(self, policy):
        rng = np.random.RandomState(0)
        for _ in range(20):
            prices = rng.randint(0, 30, size=200).astype(float)
            carried, spent, start = 0.0, 0.0, 0
            for number in range(1, 15):
                result = Budget(50, policy).spend(prices[start:], carried)
                next_price = prices[start + result.n_paid]
                start, spent, carried = start + result.n_paid, spent + result.spent, result.left
                assert carried == 50 * number - spent == 50 * number - prices[:start].sum()
                if policy == "stop_before":
                    assert 0 <= carried < next_price
                else:
                    assert -prices[start - 1] < carried <= 0

    def test_prices_after_the_end_of_a_round_are_not_looked_at(self, policy):
        """So that a price may come from labelling, pick by pick."""
        seen = []

        def labelled():
            for price in (4, 5, 3, 1):
                seen.append(price)
                yield price

        Budget(10, policy).spend(labelled())
        assert seen == [4, 5, 3]

    def test_it_is_a_value_and_keeps_nothing(self, policy):
        budget = Budget(10, policy)
        first = budget.spend([4, 5, 3])
        assert budget.spend([4, 5, 3]) == first and pickle.loads(pickle.dumps(budget)) == budget
        assert repr(budget) == f"Budget(per_round=10, policy='{policy}')"

    def test_bad_prices_are_named(self, policy):
        for bad in (-1, float("nan"), float("inf"), None, "3"):
            with pytest.raises(ValueError, match="price of pick 1 must be a finite number >= 0, got"):
                Budget(10, policy).spend([1, bad])
        with pytest.raises(ValueError, match="carried must be a finite number"):
            Budget(10, policy).spend([1], float("nan"))


@pytest.mark.parametrize("per_round", [0, -1, float("inf"), float("nan"), True, "10", None])
def test_money_of_a_round(per_round):
    with pytest.raises(ValueError, match="per_round must be a finite number > 0"):
        Budget(per_round)


def test_policies():
    with pytest.raises(ValueError, match=r"one of \('stop_before', 'overshoot'\), got 'skip'"):
        Budget(10, "skip")
