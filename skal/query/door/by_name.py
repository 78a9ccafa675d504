"""Strategies by name: ``core_set:metric=cosine``, as the command line writes them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from skal.query.door.strategy import Strategy
from skal.spec import Catalogue, Entry

_OFFERED: dict[str, Strategy] = {}


def offer(strategies: Mapping[str, Strategy]) -> None:
    """Make strategies known by name; `skal.query` offers all of its own once they are there."""
    _OFFERED.update(strategies)


def strategy_entries() -> dict[str, Entry]:
    """Return what there is by name: how each strategy is made with options, which it has, and what it is."""
    return {
        name: Entry(functools.partial(_with_options, strategy), strategy.info.options, strategy.info.summary)
        for name, strategy in _OFFERED.items()
    }


STRATEGIES = Catalogue("strategy", strategy_entries, listing="`skal strategies` lists them.")


def _with_options(strategy: Strategy, **options: Any) -> Callable[..., Any]:
    strategy.check_options(options)
    return functools.partial(strategy, **options) if options else strategy
