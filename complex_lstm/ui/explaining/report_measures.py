"""The sections of a report on what is measured when it is made: CPD and CPP of the methods, and what the searches have found."""

from __future__ import annotations

from html import escape

import pandas as pd

from complex_lstm.interpretation.counterfactual import SEARCH_METHODS
from complex_lstm.reports.html import table_html
from complex_lstm.ui.explaining.further_measures import RANDOM, FurtherMeasures, cumulative_frame, quality_frame


def measures_html(further: FurtherMeasures, unit: str) -> str:
    """Return both sections as HTML; `unit` is that of the explained output."""
    return _cumulative_section(further, unit) + _counterfactual_section(further)


def _cumulative_section(further: FurtherMeasures, unit: str) -> str:
    if further.cumulative.keys() <= {RANDOM}:
        return "<p>CPD and CPP of the methods were not computed within the time that a report has.</p>"
    table = table_html(*_as_texts(cumulative_frame(further.cumulative)))
    random = further.cumulative[RANDOM]
    words = (
        f"Cumulative prediction difference and preservation (Jang et al. 2025), in {unit}: the summed changes of the output while the "
        f"{random.cells} largest cells are removed one by one (CPD: high is faithful), and the {random.cells} smallest (CPP: low is "
        f"faithful), beside {len(random.difference)} random rankings. Single cells of a smooth series move the output little."
    )
    return f"<h2>Does each top cell move the prediction, whichever way?</h2>{table}<figcaption>{escape(words)}</figcaption>"


def _counterfactual_section(further: FurtherMeasures) -> str:
    if not further.qualities:
        return "<p>No search for a counterfactual ended within the time that a report has.</p>"
    table = table_html(*_as_texts(quality_frame(further.qualities)))
    late = ", ".join(one.label for name, one in SEARCH_METHODS.items() if name not in further.qualities)
    words = (
        "Few cells, a small change and a short distance are better; the distance is from the nearest window that is predicted as wanted, "
        "and the share after it says how many known windows are closer to their own nearest one. None says that its change is possible."
        f"{f' Not done in time: {late}.' if late else ''}"
    )
    return f"<h2>Smallest changes found {escape(further.goal)}</h2>{table}<figcaption>{escape(words)}</figcaption>"


def _as_texts(frame: pd.DataFrame) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return a table's heading and rows as texts, numbers with three digits, and what is not known empty."""
    rows = [["" if one != one else f"{one:.3g}" if isinstance(one, float) else str(one) for one in row] for row in frame.to_numpy(object)]
    return tuple(frame.columns), rows
