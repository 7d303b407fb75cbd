"""Rules from numbers to verdicts. Each makes the judge of one claim."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan

from complex_lstm.claims.claim import Finding, Judge, Verdict
from complex_lstm.claims.stored import BASE, Difference, Stored

ROUGHLY = 0.2  # a count within this share of a stated round number is what was stated
MATTERS = 0.05  # a smaller difference of scores is of no matter
EXACT = 1e-5  # a larger difference is more than rounding


def count(stated: float, counted: float, what: str, *, within: float = ROUGHLY) -> Judge:
    """Compare a count with the stated one."""
    off = counted / stated
    close = abs(off - 1) <= within
    how = "as stated" if off == 1 else f"{off:.3g} times what is stated"
    return lambda stored: Finding(f"{counted:,} {what}: {how}", "holds" if close else "does not hold")


def fact(holds: bool, found: str) -> Judge:
    """Judge what was looked up in a model."""
    return lambda stored: Finding(found, "holds" if holds else "does not hold")


def rounding(difference: Callable[[], float], what: str) -> Judge:
    """Judge that two ways to compute the same differ by rounding alone."""

    def judge(stored: Stored) -> Finding:
        off = difference()
        return Finding(f"{what}: largest difference {off:.1g}", "holds" if off <= EXACT else "does not hold")

    return judge


def better(variant: str, than: str = BASE, *, value: str = "score", lower: bool = False, part: str = "runs") -> Judge:
    """Judge that a variant scores better than another: beyond chance, at least as likely the other way round, or not to be told."""

    def judge(stored: Stored) -> Finding:
        found = stored.difference(variant, than, value, part)
        if found is None:
            return Finding("no training run of both", "not measured")
        return Finding(f"{variant}, less {than}: {found.words}", _direction(found, lower=lower))

    return judge


def helps(without: str) -> Judge:
    """Judge that a part helps: the architecture as it is against the same trained without that part."""
    return better(BASE, without)


def _direction(found: Difference, *, lower: bool) -> Verdict:
    mean = -found.mean if lower else found.mean
    if isnan(found.margin) or abs(mean) <= found.margin:
        return "does not hold" if not isnan(found.margin) and mean + found.margin < MATTERS else "cannot be told"
    return "holds" if mean > 0 else "does not hold"


def matters(*levels: str) -> Judge:
    """Judge that a setting is critical: some other level of it moves the score by five points or more, beyond chance."""
    return lambda stored: _by_levels(stored, levels, sensitive=True)


def robust(*levels: str) -> Judge:
    """Judge that a setting is robust: no other level of it moves the score by five points or more."""
    return lambda stored: _by_levels(stored, levels, sensitive=False)


def _by_levels(stored: Stored, levels: Sequence[str], *, sensitive: bool) -> Finding:
    found = {level: difference for level in levels if (difference := stored.difference(level))}
    if not found or any(isnan(one.margin) for one in found.values()):
        return Finding("no training run of these levels", "not measured")
    words = "; ".join(f"{level}: {one.words}" for level, one in found.items())
    moved = any(abs(one.mean) - one.margin > 0 and abs(one.mean) >= MATTERS for one in found.values())
    still = all(abs(one.mean) + one.margin < MATTERS for one in found.values())
    if not moved and not still:
        return Finding(words, "cannot be told")
    return Finding(words, "holds" if moved == sensitive else "does not hold")


def in_every_run(part: str, name: str, holds: Callable[[float], bool], words: str) -> Judge:
    """Judge a number of each training run: it holds in all of them, in none, or in some, which tells nothing."""
    return lambda stored: each(stored.values(part, name), holds, words)


def each(values: Sequence[float], holds: Callable[[float], bool], words: str) -> Finding:
    """Return the finding on several values; `words` has a place for the lowest and one for the highest."""
    true = [holds(value) for value in values]
    verdict: Verdict = "holds" if all(true) else "cannot be told" if any(true) else "does not hold"
    return Finding(f"{words.format(min(values), max(values))}; true of {sum(true)} of {len(true)}", verdict)
