"""The smallest change of a window that is found to turn its prediction: another class, or a value moved by an amount."""

from complex_lstm.interpretation.counterfactual.finding import WAYS, Counterfactual, Nothing, Way, WayName, find_counterfactual
from complex_lstm.interpretation.counterfactual.goals import ClassGoal, Goal, Search, ValueGoal, to_class, to_value

__all__ = [
    "WAYS",
    "ClassGoal",
    "Counterfactual",
    "Goal",
    "Nothing",
    "Search",
    "ValueGoal",
    "Way",
    "WayName",
    "find_counterfactual",
    "to_class",
    "to_value",
]
