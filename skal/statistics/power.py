"""What so many trials can find: the power of the paired t test, and the trials that a difference needs."""

from __future__ import annotations

import math

from scipy import optimize, stats

from skal.statistics._common import checked_level

_MOST = 10**6  # trials beyond which nobody looks


def paired_power(difference: float, sd: float, n_trials: int, *, level: float = 0.95, n_strategies: int = 1) -> float:
    """Probability that a paired t test finds a difference.

    Parameters
    ----------
    difference : float
        True mean difference, in the units of the metric; its sign does not matter.
    sd : float
        Standard deviation of the differences between trials, in the same units, above 0.
    n_trials : int
        At least 2.
    level : float, default=0.95
        A difference is found at p-values up to ``1 - level``, two-sided.
    n_strategies : int, default=1
        Strategies compared together: the p-value is multiplied by it (Bonferroni's correction), which is what Holm's
        asks of the first one found.

    Returns
    -------
    float
        Between ``1 - level`` and 1 for one strategy.

    Notes
    -----
    Exact for normal differences, by the noncentral t distribution with ``n_trials - 1`` degrees of freedom.

    Examples
    --------
    A gain as large as one standard deviation, with five, ten and twenty trials:

    >>> [round(paired_power(1.0, 1.0, n), 2) for n in (5, 10, 20)]
    [0.4, 0.8, 0.99]
    """
    who = "paired_power"
    alpha = _alpha(level, n_strategies, who)
    _check_trials(n_trials, who)
    return _power(abs(float(difference)) / _checked_sd(sd, who), n_trials, alpha)


def detectable_difference(
    sd: float, n_trials: int, *, power: float = 0.8, level: float = 0.95, n_strategies: int = 1
) -> float:
    """Smallest true difference that so many trials find with a given probability.

    Parameters
    ----------
    sd : float
        Standard deviation of the differences between trials, above 0: of a study that was run,
        ``np.std(areas - random_areas, ddof=1)``.
    n_trials : int
        At least 2.
    power : float, default=0.8
        Probability with which it is to be found, above ``1 - level`` and below 1.
    level, n_strategies
        As in `paired_power`.

    Returns
    -------
    float
        In the units of `sd`.

    Examples
    --------
    With differences that scatter by one point, five trials find 1.68 points, fifty find 0.4:

    >>> [round(detectable_difference(1.0, n), 2) for n in (5, 10, 20, 50)]
    [1.68, 1.0, 0.66, 0.4]
    """
    who = "detectable_difference"
    alpha = _alpha(level, n_strategies, who)
    _check_trials(n_trials, who)
    _check_power(power, alpha, who)
    scale = _checked_sd(sd, who)
    most = 1.0
    while _power(most, n_trials, alpha) < power:
        most *= 2
    return scale * float(optimize.brentq(lambda effect: _power(effect, n_trials, alpha) - power, 0.0, most))


def trials_needed(
    difference: float, sd: float, *, power: float = 0.8, level: float = 0.95, n_strategies: int = 1
) -> int:
    """Trials with which a paired t test finds a difference with a given probability.

    Parameters
    ----------
    difference : float
        True mean difference that is worth finding, in the units of the metric; not 0.
    sd : float
        Standard deviation of the differences between trials, in the same units, above 0.
    power : float, default=0.8
        Probability with which it is to be found, above ``1 - level`` and below 1.
    level, n_strategies
        As in `paired_power`.

    Returns
    -------
    int
        At least 2.

    Raises
    ------
    ValueError
        If it takes more than a million trials.

    Examples
    --------
    >>> [trials_needed(gain, sd=1.0) for gain in (2.0, 1.0, 0.5, 0.25)]
    [5, 10, 34, 128]
    """
    who = "trials_needed"
    alpha = _alpha(level, n_strategies, who)
    _check_power(power, alpha, who)
    effect = abs(float(difference)) / _checked_sd(sd, who)
    if not effect > 0:
        raise ValueError(f"{who}: difference must be a number other than 0, got {difference}.")
    enough = 2
    while _power(effect, enough, alpha) < power:
        if enough > _MOST:
            raise ValueError(f"{who}: a difference of {effect:g} standard deviations takes over {_MOST} trials.")
        enough *= 2
    too_few = max(enough // 2, 1)
    while enough - too_few > 1:  # power grows with the trials
        middle = (enough + too_few) // 2
        too_few, enough = (too_few, middle) if _power(effect, middle, alpha) >= power else (middle, enough)
    return enough


def _power(effect: float, n_trials: int, alpha: float) -> float:
    """Power at a difference of so many standard deviations."""
    degrees, shift = n_trials - 1, effect * math.sqrt(n_trials)
    bar = float(stats.t.isf(alpha / 2, degrees))
    # The other side is below 1e-16 before the noncentral t's tail underflows to NaN.
    other = float(stats.nct.cdf(-bar, degrees, shift)) if shift < 6 else 0.0
    found = float(stats.nct.sf(bar, degrees, shift))
    return 1.0 if math.isnan(found) else min(found + other, 1.0)


def _alpha(level: float, n_strategies: int, who: str) -> float:
    if n_strategies < 1:
        raise ValueError(f"{who}: n_strategies must be at least 1, got {n_strategies}.")
    return (1 - checked_level(level, who)) / n_strategies


def _checked_sd(sd: float, who: str) -> float:
    if not (sd > 0 and math.isfinite(sd)):
        raise ValueError(f"{who}: sd must be a finite number above 0, got {sd}.")
    return float(sd)


def _check_trials(n_trials: int, who: str) -> None:
    if n_trials < 2:
        raise ValueError(f"{who}: n_trials must be at least 2, got {n_trials}. One trial has no spread.")


def _check_power(power: float, alpha: float, who: str) -> None:
    if not alpha < power < 1:
        raise ValueError(f"{who}: power must be above {alpha:g} (the false alarms) and below 1, got {power}.")
