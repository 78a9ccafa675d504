"""Compiled scores of tables in one pass: float32 and float64, C-contiguous, without pixels; one thread, no GIL held.

Each takes the table and returns the scores, or None where a number is not finite, is negative under a logarithm, or a
sum ran over: then the code for all arrays scores the table, and says what is wrong with it.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,misc"

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from skal.scores import _vector as v

Array = NDArray[Any]

_CHUNK = 1024  # numbers of a member at a time: what is summed over members stays in the first cache
_SMALLEST_NORMAL = 2.0**-1022


def _compiled(function: Callable[..., Any]) -> Any:
    """Compile at the first call and keep the machine code on disk, or not, where no folder can be written."""
    try:
        return numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:
        return numba.njit(nogil=True)(function)


def least_confident(P: Array) -> Array | None:
    """One less the largest of each row."""
    out = np.empty(len(P), dtype=P.dtype)
    return out if math.isfinite(_doubt(P.reshape(-1), P.shape[1], out)) else None


def margin(P: Array) -> Array | None:
    """One less the gap of the two largest of each row."""
    out = np.empty(len(P), dtype=P.dtype)
    return out if P.shape[1] > 1 and math.isfinite(_closeness(P.reshape(-1), P.shape[1], out)) else None


def entropy(P: Array) -> Array | None:
    """Entropy of each row."""
    out = np.empty(len(P), dtype=P.dtype)
    base = math.log(2.0) if P.dtype == np.float32 else 1.0  # logarithms are to base 2 in float32
    return out if _entropy(P.reshape(-1), P.shape[1], base, out) >= 0 and np.isfinite(out).all() else None


def normalized_entropy(P: Array) -> Array | None:
    """Entropy of each row as a share of log C."""
    out = entropy(P)
    return out if out is None or P.shape[1] == 1 else np.clip(out / math.log(P.shape[1]), 0.0, 1.0)


def bald(P: Array) -> Array | None:
    """Mean divergence of the members from the consensus."""
    return _of_members(_mean_divergence, P)


def max_disagreement(P: Array) -> Array | None:
    """Largest divergence of a member from the consensus."""
    return _of_members(_largest_divergence, P)


def consensus_entropy(P: Array) -> Array | None:
    """Entropy of the consensus."""
    out = _of_members(_consensus_entropy, P)
    return None if out is None else out.astype(P.dtype, copy=False)


def mean_std(P: Array) -> Array | None:
    """Standard deviation over the members, mean over the classes."""
    return _of_members(_mean_std, P)


def mean_variance(P: Array) -> Array | None:
    """Variance over the members, mean over the classes."""
    return _of_members(_mean_variance, P)


def vote_entropy(P: Array) -> Array | None:
    """Entropy of the votes."""
    T = len(P)
    return _of_votes(P, np.array([0.0, *(-k / T * math.log(k / T) for k in range(1, T + 1))]), False)


def variation_ratio(P: Array) -> Array | None:
    """Share of the members that do not vote for the most voted class."""
    return _of_votes(P, 1.0 - np.arange(len(P) + 1.0) / len(P), True)


def _of_votes(P: Array, worth: Array, most_voted: bool) -> Array | None:
    T, n, C = P.shape
    out = np.empty(n)
    return out if math.isfinite(_votes(P.reshape(T, n * C), C, worth, most_voted, out)) else None


def _of_members(kernel: Any, P: Array) -> Array | None:
    T, n, C = P.shape
    out = np.empty(n)
    n_negative = kernel(P.reshape(T, n * C), C, out)
    return out if n_negative == 0 and np.isfinite(out).all() else None


# Single tables, as vectors. `flat` has the rows one after the other and at least one vector of numbers.


@_compiled
def _doubt(flat, C, out):
    lanes = v.lanes_of(flat)
    rest = C % lanes
    none = v.filled(flat, flat.dtype.type(-np.inf))
    trace = v.filled(flat, flat.dtype.type(0))  # infinite or NaN as soon as one number is
    for i in range(len(out)):
        end = (i + 1) * C - rest
        best = none
        for j in range(i * C, end, lanes):
            p = v.load(flat, j)
            trace = v.plus(trace, p)
            best = v.most(p, best)
        if rest:
            start = min(end, flat.size - lanes)
            p = v.load(flat, start)
            trace = v.plus(trace, p)
            best = v.most(v.only(p, end - start, end - start + rest, none), best)
        out[i] = 1 - v.most_of(best)
    return v.sum_of(trace)


@_compiled
def _closeness(flat, C, out):
    lanes = v.lanes_of(flat)
    rest = C % lanes
    none = v.filled(flat, flat.dtype.type(-np.inf))
    trace = v.filled(flat, flat.dtype.type(0))
    for i in range(len(out)):
        end = (i + 1) * C - rest
        first, second = none, none
        for j in range(i * C, end, lanes):
            p = v.load(flat, j)
            trace = v.plus(trace, p)
            second = v.most(second, v.least(first, p))
            first = v.most(first, p)
        if rest:
            start = min(end, flat.size - lanes)
            p = v.load(flat, start)
            trace = v.plus(trace, p)
            p = v.only(p, end - start, end - start + rest, none)
            second = v.most(second, v.least(first, p))
            first = v.most(first, p)
        out[i] = 1 - (v.most_of(first) - v.second_of(first, second))
    return v.sum_of(trace)


@_compiled
def _entropy(flat, C, base, out):
    lanes = v.lanes_of(flat)
    rest = C % lanes
    zeros = v.filled(flat, flat.dtype.type(0))
    lowest = zeros
    for i in range(len(out)):
        begin, end = i * C, (i + 1) * C - rest
        total, terms, flush = 0.0, zeros, begin + _CHUNK
        for j in range(begin, end, lanes):
            p = v.load(flat, j)
            lowest = v.least(p, lowest)
            terms = v.plus_p_log_p(terms, p)
            if j >= flush:  # long rows are added up in float64
                total += v.sum_of(terms)
                terms, flush = zeros, j + _CHUNK
        if rest:
            start = min(end, flat.size - lanes)
            p = v.load(flat, start)
            lowest = v.least(p, lowest)
            terms = v.plus_p_log_p(terms, v.only(p, end - start, end - start + rest, zeros))
        out[i] = 0.0 - base * (total + v.sum_of(terms))
    return v.least_of(lowest)


# Committees, in float64. `flat` is (T, n C); a chunk of rows is small enough to stay in the first cache while the
# members go over it. Each returns how many numbers are negative.


@_compiled
def _rows_at_a_time(C):
    return max(1, _CHUNK // C)


@_compiled
def _shift_to_consensus(flat, start, stop, shift):
    """Consensus less the first member: exactly 0 where all members are equal."""
    n_negative = 0
    shift[:] = 0.0
    base = flat[0, start:stop]
    for t in range(len(flat)):
        member = flat[t, start:stop]
        for j in range(stop - start):
            n_negative += 1 if member[j] < 0 else 0
            shift[j] += np.float64(member[j]) - np.float64(base[j])
    for j in range(stop - start):
        shift[j] /= len(flat)
    return n_negative


@_compiled
def _inverse_of_consensus(base, shift, inverse):
    for j in range(len(base)):
        mean = np.float64(base[j]) + shift[j]
        inverse[j] = 1.0 / (mean if mean >= _SMALLEST_NORMAL else 1.0)  # finite


@_compiled
def _add_divergence(member, base, shift, inverse, terms):
    for j in range(len(member)):
        p = np.float64(member[j])
        terms[j] += v.p_log_ratio(p, (p - np.float64(base[j])) - shift[j], inverse[j])


@_compiled
def _sums_of_rows(terms, C, out):
    for i in range(len(out)):
        total = 0.0
        for j in range(i * C, (i + 1) * C):
            total += terms[j]
        out[i] = total


@_compiled
def _mean_divergence(flat, C, out):
    step, n_negative = _rows_at_a_time(C), 0
    shift, inverse, terms = np.empty(step * C), np.empty(step * C), np.empty(step * C)
    for first in range(0, len(out), step):
        rows = out[first : first + step]
        start, stop = first * C, (first + len(rows)) * C
        base = flat[0, start:stop]
        n_negative += _shift_to_consensus(flat, start, stop, shift)
        _inverse_of_consensus(base, shift, inverse)
        terms[:] = 0.0
        for t in range(len(flat)):
            _add_divergence(flat[t, start:stop], base, shift, inverse, terms)
        _sums_of_rows(terms, C, rows)
        for i in range(len(rows)):
            rows[i] = max(rows[i] / len(flat), 0.0)
    return n_negative


@_compiled
def _largest_divergence(flat, C, out):
    step, n_negative = _rows_at_a_time(C), 0
    shift, inverse, terms = np.empty(step * C), np.empty(step * C), np.empty(step * C)
    of_member = np.empty(step)
    out[:] = 0.0
    for first in range(0, len(out), step):
        rows = out[first : first + step]
        start, stop = first * C, (first + len(rows)) * C
        base = flat[0, start:stop]
        n_negative += _shift_to_consensus(flat, start, stop, shift)
        _inverse_of_consensus(base, shift, inverse)
        for t in range(len(flat)):
            terms[:] = 0.0
            _add_divergence(flat[t, start:stop], base, shift, inverse, terms)
            _sums_of_rows(terms, C, of_member[: len(rows)])
            for i in range(len(rows)):
                if not of_member[i] <= rows[i]:  # NaN goes through
                    rows[i] = of_member[i]
    return n_negative


@_compiled
def _consensus_entropy(flat, C, out):
    step, n_negative = _rows_at_a_time(C), 0
    shift = np.empty(step * C)
    for first in range(0, len(out), step):
        rows = out[first : first + step]
        start, stop = first * C, (first + len(rows)) * C
        n_negative += _shift_to_consensus(flat, start, stop, shift)
        base = flat[0, start:stop]
        for j in range(stop - start):
            shift[j] = v.p_log_p(np.float64(base[j]) + shift[j])
        _sums_of_rows(shift, C, rows)
        for i in range(len(rows)):
            rows[i] = 0.0 - rows[i]
    return n_negative


@_compiled
def _variances(flat, start, stop, shift, terms):
    _shift_to_consensus(flat, start, stop, shift)
    base = flat[0, start:stop]
    terms[:] = 0.0
    for t in range(len(flat)):
        member = flat[t, start:stop]
        for j in range(stop - start):
            off = (np.float64(member[j]) - np.float64(base[j])) - shift[j]
            terms[j] += off * off
    for j in range(stop - start):
        terms[j] /= len(flat)


@_compiled
def _mean_std(flat, C, out):
    step = _rows_at_a_time(C)
    shift, terms = np.empty(step * C), np.empty(step * C)
    for first in range(0, len(out), step):
        rows = out[first : first + step]
        start, stop = first * C, (first + len(rows)) * C
        _variances(flat, start, stop, shift, terms)
        for j in range(stop - start):
            terms[j] = math.sqrt(terms[j])
        _sums_of_rows(terms, C, rows)
    out /= C
    return 0


@_compiled
def _mean_variance(flat, C, out):
    step = _rows_at_a_time(C)
    shift, terms = np.empty(step * C), np.empty(step * C)
    for first in range(0, len(out), step):
        rows = out[first : first + step]
        start, stop = first * C, (first + len(rows)) * C
        _variances(flat, start, stop, shift, terms)
        _sums_of_rows(terms, C, rows)
    out /= C
    return 0


@_compiled
def _count_votes(member, C, counts):
    """Let a member vote in each row for the first of its largest; return the sum of its numbers."""
    trace = 0.0
    for start in range(0, len(member), C):
        best, vote = member[start], 0
        trace += best
        for c in range(1, C):
            p = member[start + c]
            trace += p
            vote = c if p > best else vote
            best = p if p > best else best
        counts[start + vote] += 1
    return trace


@_compiled
def _votes(flat, C, worth, most_voted, out):
    """Score by what k votes are worth: of the most voted class, or of all classes added up."""
    step, trace = _rows_at_a_time(C), 0.0
    counts = np.empty(step * C, dtype=np.int64)
    for first in range(0, len(out), step):
        rows = out[first : first + step]
        start, stop = first * C, (first + len(rows)) * C
        counts[:] = 0
        for t in range(len(flat)):
            trace += _count_votes(flat[t, start:stop], C, counts)
        for i in range(len(rows)):
            total, most = 0.0, 0
            for j in range(i * C, (i + 1) * C):
                total += worth[counts[j]]
                most = max(most, counts[j])
            rows[i] = worth[most] if most_voted else total
    return trace
