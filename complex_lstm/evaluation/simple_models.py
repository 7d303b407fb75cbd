"""The simple models that a network has to beat, fitted on the same training part and to be scored on the same windows."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator

from threadpoolctl import threadpool_limits

from complex_lstm.data import Dataset
from complex_lstm.errors import Stopped, never_stop
from complex_lstm.evaluation.boosting import fit_boosting
from complex_lstm.evaluation.fitted import NotFitted, SimpleModel, Stop, TrainingWindows, training_windows
from complex_lstm.evaluation.forecast_rules import persistence, seasonal_rules
from complex_lstm.evaluation.ridge import fit_ridge
from complex_lstm.evaluation.simple_classifiers import commonest_class, commonest_of_these, fit_logistic, fit_rocket

Fit = Callable[[TrainingWindows, Dataset], SimpleModel | NotFitted]
OF_FORECASTS: dict[str, Fit] = {"ridge": fit_ridge, "gradient boosting": fit_boosting}
OF_CLASSES: dict[str, Fit] = {"logistic regression": fit_logistic, "MiniRocket": fit_rocket}


def fit_simple_models(dataset: Dataset) -> tuple[SimpleModel, ...]:
    """Return the simple models for a data set, fitted on its training part; those that suit it.

    For forecasts: the last value repeated, the same hour a day and a week before where the file has them, ridge and gradient
    boosting. For classes: the commonest one, logistic regression and MiniRocket. Random parts have fixed seeds.
    """
    return tuple(one for one in each_simple_model(dataset) if isinstance(one, SimpleModel))


def each_simple_model(dataset: Dataset, trained_on: Dataset | None = None, *, stop: Stop = never_stop) -> Iterator[SimpleModel | NotFitted]:
    """Yield each simple model for the windows of `dataset`, or why it is left out, as soon as it is fitted.

    `trained_on` has the training part where that is in another file, prepared for the same model. Without a training part only
    what needs no fitting is there.

    Raises:
        Stopped: `stop` returned True.
    """
    for library in ("sklearn.ensemble", "sklearn.linear_model"):
        importlib.import_module(library)  # here: what is loaded later would not keep to the limit of threads
    training = training_windows(trained_on or dataset, stop)
    is_classes = dataset.schema.roles.task == "classes"
    if not is_classes:
        yield persistence(dataset)
        yield from seasonal_rules(dataset)
    elif len(training):
        yield commonest_class(training, dataset)
    else:
        yield commonest_of_these(dataset)
    for name, fit in (OF_CLASSES if is_classes else OF_FORECASTS).items():
        if stop():
            raise Stopped
        with threadpool_limits(1):  # on a busy machine two threads wait for each other six times as long as one works
            fitted = fit(training, dataset) if len(training) else NotFitted(name, "there is no training part to fit it on")
        yield fitted


def count_models(dataset: Dataset) -> int:
    """Return about how many simple models there will be, for the progress."""
    return 3 if dataset.schema.roles.task == "classes" else 5
