"""From a file to windows: read it, find the roles, order it into series, split, scale, cut. Knows no torch."""

from complex_lstm.data.findings import Fault, Finding, Offer
from complex_lstm.data.prepare import DataReport, Dataset, prepare_bare, prepare_for, prepare_training, with_units
from complex_lstm.data.problems import Problem, find_problems
from complex_lstm.data.reading import Examination, Table, examine, fingerprint, numeric_share, read_csv
from complex_lstm.data.roles import Guess, RoleFault, check_roles, guess_roles, likely_task
from complex_lstm.data.scaling import make_scaling, read_numbers, read_scaling, scale_targets, unscale, unscale_targets
from complex_lstm.data.series import Oddity, Series
from complex_lstm.data.suggest import suggest, suggest_split, suggest_window
from complex_lstm.data.time_finding import TimeFinding, Times, find_times
from complex_lstm.data.times import time_labels, times_at, times_of
from complex_lstm.data.windowing import Windows

__all__ = [
    "DataReport",
    "Dataset",
    "Examination",
    "Fault",
    "Finding",
    "Guess",
    "Oddity",
    "Offer",
    "Problem",
    "RoleFault",
    "Series",
    "Table",
    "TimeFinding",
    "Times",
    "Windows",
    "check_roles",
    "examine",
    "find_problems",
    "find_times",
    "fingerprint",
    "guess_roles",
    "likely_task",
    "make_scaling",
    "numeric_share",
    "prepare_bare",
    "prepare_for",
    "prepare_training",
    "read_csv",
    "read_numbers",
    "read_scaling",
    "scale_targets",
    "suggest",
    "suggest_split",
    "suggest_window",
    "time_labels",
    "times_at",
    "times_of",
    "unscale",
    "unscale_targets",
    "with_units",
]
