"""Counterfactuals: the smallest change found that flips a window's prediction to another class, or moves a value by an amount."""

from complex_lstm.interpretation.counterfactual.comparison import Quality, quality
from complex_lstm.interpretation.counterfactual.finding import (
    SEARCH_METHODS,
    Counterfactual,
    NotFound,
    SearchMethod,
    SearchMethodName,
    find_counterfactual,
)
from complex_lstm.interpretation.counterfactual.goals import ClassGoal, Goal, Search, ValueGoal, to_class, to_value, usual_search

__all__ = [
    "SEARCH_METHODS",
    "ClassGoal",
    "Counterfactual",
    "Goal",
    "NotFound",
    "Quality",
    "Search",
    "ValueGoal",
    "SearchMethod",
    "SearchMethodName",
    "find_counterfactual",
    "quality",
    "to_class",
    "to_value",
    "usual_search",
]
