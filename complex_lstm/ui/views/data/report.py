"""The data report on the page: the tables that `complex-lstm info FILE` prints."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from complex_lstm.config import to_json
from complex_lstm.data import Dataset, FileReport, fit_table, report_on
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.session.messages import plain

TABS = {"columns": "Columns", "series": "Series", "classes": "Classes", "parts": "Parts"}


def show_report(dataset: Dataset, data: str, chosen: Setup) -> None:
    """Draw what the file holds: what stands out, then a table for each of columns, series, classes and parts."""

    def make() -> FileReport:
        table, found = fit_table(cache.table(data), chosen.fitting), cache.cell_offers(data, chosen.fitting)
        return report_on(table, dataset.schema.roles, dataset, cache.guess(data, chosen.fitting), found)

    report = cache.remember("data_report", (data, to_json(chosen)), make, most=8)
    tables: dict[str, pd.DataFrame] = {name: getattr(report, name) for name in TABS}
    shown = [name for name, table in tables.items() if len(table)]
    if report.notes:
        with st.expander(f"What stands out: {len(report.notes)}", icon="🔎", key="data_report_notes"):
            st.markdown("\n".join(f"- {plain(note)}" for note in report.notes))
    for tab, name in zip(st.tabs([TABS[name] for name in shown], key="data_report_tabs"), shown, strict=True):
        tab.dataframe(tables[name], hide_index=True, key=f"data_report_{name}", alt=f"{TABS[name]} of the file, a row each")
