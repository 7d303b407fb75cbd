"""From a file to windows: read it, find the roles, order it into series, split, scale, cut. Knows no torch."""

from complex_lstm.data.cells import texts_in
from complex_lstm.data.comparison import NOT_COMPARED, Mismatch, compare, compare_scaling
from complex_lstm.data.derived import DerivedOffer, add_derived, offer_derived, one_hot
from complex_lstm.data.facts import training_facts
from complex_lstm.data.findings import Fault, Finding, Offer
from complex_lstm.data.fitting import Match, fit_table, lacking_columns, suggest_mapping
from complex_lstm.data.prepare import DataReport, Dataset, classes_in, prepare_bare, prepare_for, prepare_training, with_units
from complex_lstm.data.problems import Problem, find_problems
from complex_lstm.data.reading import Examination, Table, examine, fingerprint, numeric_share, read_csv
from complex_lstm.data.report import FileReport, report_on
from complex_lstm.data.roles import Guess, check_roles, find_text_in_numbers, guess_roles, likely_task
from complex_lstm.data.row_order import RoleFault
from complex_lstm.data.scaling import make_scaling, read_numbers, read_scaling, scale_targets, unscale, unscale_targets
from complex_lstm.data.series import Oddity, Series
from complex_lstm.data.suggest import suggest, suggest_split, suggest_window
from complex_lstm.data.time_finding import TimeFinding, Times, find_times, is_day_of_recording
from complex_lstm.data.times import read_times, time_labels, times_at, times_of
from complex_lstm.data.windowing import Windows

__all__ = [
    "NOT_COMPARED",
    "DataReport",
    "Dataset",
    "DerivedOffer",
    "Examination",
    "Fault",
    "FileReport",
    "Finding",
    "Guess",
    "Match",
    "Mismatch",
    "Oddity",
    "Offer",
    "Problem",
    "RoleFault",
    "Series",
    "Table",
    "TimeFinding",
    "Times",
    "Windows",
    "add_derived",
    "check_roles",
    "classes_in",
    "compare",
    "compare_scaling",
    "examine",
    "find_problems",
    "find_text_in_numbers",
    "find_times",
    "fingerprint",
    "fit_table",
    "guess_roles",
    "is_day_of_recording",
    "lacking_columns",
    "likely_task",
    "make_scaling",
    "numeric_share",
    "offer_derived",
    "one_hot",
    "prepare_bare",
    "prepare_for",
    "prepare_training",
    "read_csv",
    "read_numbers",
    "read_scaling",
    "read_times",
    "report_on",
    "scale_targets",
    "suggest",
    "suggest_mapping",
    "suggest_split",
    "suggest_window",
    "texts_in",
    "time_labels",
    "times_at",
    "times_of",
    "training_facts",
    "unscale",
    "unscale_targets",
    "with_units",
]
