"""Optuna's storage of a search: the study whose sampler draws the values, and how much each setting mattered in it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np

from complex_lstm.errors import ConfigError, install_extra
from complex_lstm.runs.search import Search

FEWEST = 10  # trials with a loss from which on importances are computed: of fewer they are chance


def has_optuna() -> bool:
    """Return whether Optuna is installed."""
    return find_spec("optuna") is not None


def optuna_module() -> Any:
    """Return Optuna, which then writes no line for each trial.

    Raises:
        ConfigError: it is not installed.
    """
    if not has_optuna():
        raise ConfigError(f"--sampler needs Optuna: {install_extra('optuna')}. Without it one setting is varied at a time.")
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def open_study(search: Search) -> Any:
    """Return the study of a search, made where there is none yet.

    Raises:
        ConfigError: Optuna is not installed.
    """
    optuna = optuna_module()
    backend = optuna.storages.journal.JournalFileBackend(str(search.study))
    return optuna.create_study(
        storage=optuna.storages.JournalStorage(backend), study_name="search", direction="minimize", load_if_exists=True
    )


def importances(search: Search) -> dict[str, float]:
    """Return the share of each setting in the spread of the losses, by fANOVA (Hutter et al. 2014), the largest first.

    A forest is fitted to the losses of all trials that have one; shares sum to 1. Nothing where fewer than ten have one, or all are the
    same. They count what a sampler has tried, which is mostly what was good: a setting of which it soon took one value has little.

    Raises:
        ConfigError: Optuna is not installed.
    """
    optuna, study = optuna_module(), open_study(search)
    losses = [one.value for one in study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))]
    if len(losses) < FEWEST or np.ptp(losses) == 0:
        return {}
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    found: dict[str, float] = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return found
