"""Data: the file, the role of each column, the series, and the windows cut from them."""

import pandas as pd
import streamlit as st

from complex_lstm.config import to_json
from complex_lstm.ui.compute import cache
from complex_lstm.ui.session.columns import confirm_columns
from complex_lstm.ui.session.features import MOST_SHOWN
from complex_lstm.ui.session.messages import caption, plain
from complex_lstm.ui.session.scene import offer_samples, page, title_of
from complex_lstm.ui.session.state import current, end_page
from complex_lstm.ui.session.uploads import upload_data
from complex_lstm.ui.views.data.decisions import show_decisions
from complex_lstm.ui.views.data.problems import show_problems
from complex_lstm.ui.views.data.reading_form import confirm_reading, reading_facts
from complex_lstm.ui.views.data.recipes import offer_recipes, show_recipe, upload_recipe
from complex_lstm.ui.views.data.report import show_report
from complex_lstm.ui.views.data.series import show_series

selection = current()
if not selection.opened.data:
    offer_samples()
    upload_data("data_upload")
    end_page()

with st.container(horizontal=True, vertical_alignment="center"):
    st.header(plain(title_of("data", selection.opened.data)), width="stretch")
    upload_data("data_upload", another=True)
show_decisions()
preview = st.container()
table = confirm_reading()
if table is None:
    upload_recipe()
    end_page()
with preview:
    caption(rows=f"{len(table.frame):,}", columns=len(table.frame.columns), **reading_facts(table.reading), sha256=table.fingerprint[:20])
    rows = min(200, max(20, 20_000 // len(table.frame.columns)))  # of a thousand columns 200 rows take the browser half a second
    st.dataframe(table.frame.head(rows), height=214, key="data_preview", alt=f"The first {rows} rows of the file; the index is the line")
offer_recipes(table)

st.header("Which column is what")
chosen, made = confirm_columns()
show_problems(made, (selection.opened.data, to_json(chosen)), cache.guess(selection.opened.data, chosen.fitting).suspects)

windows, report = made.windows, made.report
for note in report.notes:
    st.info(plain(note), icon="📝")
show_series(made, (selection.opened.data, to_json(chosen)))

st.header("Windows and parts")
parts = {"new": "windows new to the model", "this file": "windows of this file"}
present = set(windows.part.tolist())
shown_parts = [part for part in parts if part in present] or ["training", "validation", "test"]
for column, part in zip(st.columns(4), shown_parts, strict=False):
    column.metric(parts.get(part, f"{part} windows"), f"{len(windows.of_part(part)):,}")
lengths = f"{windows.length.min()}" if windows.length.min() == windows.length.max() else f"{windows.length.min()} to {windows.length.max()}"
caption(
    window=f"{lengths} steps",
    windows_over_a_gap=report.windows_with_gap,
    gaps=report.gaps,
    split="" if set(parts) & present else f"by {chosen.split.kind}",
)
filled = pd.DataFrame({"feature": made.schema.roles.features, "empty cells filled": report.filled})
filled = filled[filled["empty cells filled"] > 0]
if len(filled) > MOST_SHOWN:
    filled = filled.sort_values("empty cells filled", ascending=False, kind="stable")
left, right = st.columns(2)
if len(filled):
    left.dataframe(filled, hide_index=True, key="data_filled", alt="Empty cells filled, a row a feature that has any")
else:
    left.caption("No feature has an empty cell: nothing is filled.")
with right:
    for odd in report.odd[:8]:
        st.warning(f"Line {odd.line}: {plain(odd.column)} is {odd.value:g}, far from all others. It is used as it is.", icon="🔎")
    if len(report.odd) > 8:
        st.caption(f"And {len(report.odd) - 8} more odd cells.")

st.header("Data report")
show_report(made, selection.opened.data, chosen)
show_recipe(table, chosen)

st.header("Train a model on it")
st.page_link(page("train"), label="Go to the Train page with these columns, windows and parts", icon="🏋️")
