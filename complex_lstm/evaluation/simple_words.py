"""How the model does beside simple models, in the sentences that the page, the command line and a report have in common."""

from __future__ import annotations

import numpy as np

from complex_lstm.data.units import digits
from complex_lstm.evaluation.blocks import Interval
from complex_lstm.evaluation.simple_scores import SimpleComparison, SimpleScore

MANY_TIMES = 2.0  # from an error 200% higher on it is called so many times as large
SINGULAR = {"series": "series", "days": "day"}


def describe_difference(one: SimpleScore, compared: SimpleComparison) -> str:
    """Return how the model does against one simple model, as a sentence with the interval of the difference.

    Which is better is said only where the interval lies wholly on one side of no difference.
    """
    found, is_classes = one.difference, compared.is_classes
    if not np.isfinite(found.value):
        model = ", and neither has the model" if np.isnan(found.value) else ", and the model has"
        return f"{_capital(one.name)} has no error at all on these windows{model}."
    amount = _amount(found.value, is_classes)
    if np.isnan(found.low):
        return f"Against {one.name} the model's {amount} on these windows; {_few(compared)} to say more."
    interval = f"({_span(found, is_classes)})"
    better = found.low > 0 if is_classes else found.high < 0
    worse = found.high < 0 if is_classes else found.low > 0
    if better:
        words = f"The model is better than {one.name}: its {amount} {interval}"
    elif worse:
        words = f"{_capital(one.name)} is better: the model's {amount} {interval}"
    else:
        words = f"No difference to {one.name} that these windows can show: the model's {amount} {interval}"
    return words + _of_squares(one, better, worse) + "."


def describe_best(compared: SimpleComparison) -> str:
    """Return how the model does against the simple model that is best on these windows; "" where there is none."""
    best = compared.best
    if best is None:
        return ""
    words = describe_difference(best, compared)
    return f"Of {len(compared.scores)} simple models {best.name} does best here. {words}" if len(compared.scores) > 1 else words


def describe_blocks(compared: SimpleComparison) -> str:
    """Return what the intervals hold: 95 of 100 draws of the blocks, or that there are too few of them."""
    count = f"{compared.blocks:,} {compared.units}"
    if any(not np.isnan(one.difference.low) for one in compared.scores):
        few = f" of {compared.groups} group{'s' if compared.groups > 1 else ''}" if compared.groups else ""
        return f"95% intervals over {count}{few}, drawn anew{', which say nothing of other groups' if few else ''}"
    return f"no intervals: {_few(compared)}"


def percent(value: float) -> str:
    """Return a share as a percentage with its sign: one decimal below 10%, none from there on."""
    shown = 100 * value
    return f"{shown:+.1f}%" if abs(shown) < 9.95 else f"{shown:+,.0f}%"


def points(value: float) -> str:
    """Return a difference of shares in percentage points, with its sign."""
    return f"{100 * value:+.1f}"


def _amount(value: float, is_classes: bool) -> str:
    """Return a difference in words: "error is 3.1% lower", "accuracy is 4.0 points higher"."""
    if not is_classes and value >= MANY_TIMES:
        return f"error is {digits(1 + value)} times as large"
    what = "accuracy" if is_classes else "error"
    size = points(value)[1:] if is_classes else percent(value)[1:]
    if float(size.rstrip("%").replace(",", "")) == 0:
        return f"{what} is the same to a tenth of a {'point' if is_classes else 'percent'}"
    return f"{what} is {size}{' points' if is_classes else ''} {'higher' if value > 0 else 'lower'}"


def _span(found: Interval, is_classes: bool) -> str:
    if not is_classes and found.value >= MANY_TIMES:
        return f"{digits(1 + found.low)} to {digits(1 + found.high)} times"
    write = points if is_classes else percent
    return f"{write(found.low)} to {write(found.high)}"


def _few(compared: SimpleComparison) -> str:
    if compared.blocks == 1:
        return f"one {SINGULAR.get(compared.units, 'stretch')} is too little"
    return f"{compared.blocks} {compared.units} are too few"


def _of_squares(one: SimpleScore, better: bool, worse: bool) -> str:
    """Return what the squared error says where it says something else."""
    if one.squared is None or not np.isfinite(one.squared.value):
        return ""
    by_squares = (one.squared.high < 0, one.squared.low > 0)
    if by_squares == (better, worse):
        return ""
    verdict = "the model is better" if by_squares[0] else f"{one.name} is better" if by_squares[1] else "no difference shows"
    return f"; by the squared error {verdict} ({_span(one.squared, False)})"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
