"""The form that brings a column to another unit by hand, that of the open model if there is one: by units, or times and plus a number."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from complex_lstm.config import Schema
from complex_lstm.data import Table, numeric_share
from complex_lstm.data.cells import floats
from complex_lstm.data.units import QUANTITIES, conversion, digits, quantity_of, same_unit, unit_in_name, units_of
from complex_lstm.facts import TrainingFacts
from complex_lstm.recipe import Conversion
from complex_lstm.ui.session.messages import plain

SHOWN = 5  # rows of the preview
WAYS = ("by units", "by numbers")


def convert_by_hand(table: Table, schema: Schema | None, facts: TrainingFacts | None, key: str) -> Conversion | None:
    """Draw the choice of a column and of its conversion with a preview, and return it once the visitor has said so.

    The columns are those of a model's `schema`, or without one all that hold numbers alone.
    """
    columns = _columns(table, schema)
    if not columns:
        return None
    with st.expander("Convert a column by hand", icon="📐", key="convert_by_hand"):
        first, second = st.columns(2)
        with first:
            column = st.selectbox("Column", columns, format_func=plain, key=f"convert_column_{key}")
            way = st.segmented_control("How", WAYS, default=WAYS[0], key=f"convert_way_{key}", required=True)
            unit = schema.unit(column) if schema else table.units.get(column) or unit_in_name(column)
            by_units = _to_model if schema else _between_units
            chosen = by_units(column, unit, key) if way == WAYS[0] else _by_numbers(column, unit if schema else "", key)
        if chosen is None:
            return None
        with second:
            values = pd.Series(floats(table.frame[column]), index=table.frame.index).dropna()
            made = values * chosen.factor + chosen.offset
            preview = pd.DataFrame({"before": values, "after": made}).head(SHOWN).rename_axis("line")
            st.caption(plain(f"{column}: {chosen.words}"))
            st.dataframe(preview, key="convert_preview", alt="Some values before and after the conversion")
            known = facts.find(column) if facts is not None else None
            training = f", where it was {digits(known.median)} in training" if known is not None and known.quantiles else ""
            st.caption(f"Its median goes from {digits(values.median())} to {digits(made.median())}{training}.")
        return chosen if st.button("Convert it", key=f"convert_take_{key}", icon="📐", type="primary") else None


def _columns(table: Table, schema: Schema | None) -> list[str]:
    if schema is None:
        numeric = [name for name in map(str, table.frame) if pd.api.types.is_numeric_dtype(table.frame[name])]
        return [name for name in numeric if not pd.api.types.is_bool_dtype(table.frame[name])]
    named = dict.fromkeys((*schema.from_file, *(schema.roles.targets if schema.roles.task == "values" else ())))
    return [name for name in named if name in table.frame and numeric_share(table.frame[name]) > 0.5]


def _known_units(column: str, unit: str) -> dict[tuple[str, str], str]:
    """Return the units that there are, with their quantities, those of the column's own quantity first, and a label for each."""
    own = quantity_of(column, unit)
    quantities = dict.fromkeys(([own] if own else []) + list(QUANTITIES))
    return {(name, quantity): f"{name}  ({quantity})" for quantity in quantities for name in units_of(quantity)}


def _source_unit(column: str, unit: str, key: str, *, is_said: bool) -> tuple[tuple[str, str] | None, bool]:
    """Draw the unit that a file has a column in, and return it with its quantity, and whether `unit` is one that is known.

    With `is_said` the file's own unit is `unit`, and chosen at first.
    """
    known = _known_units(column, unit)
    place = next((at for at, (name, _) in enumerate(known) if unit and same_unit(name, unit)), None)
    source = st.selectbox(
        "The file has it in", list(known), place if is_said else None, format_func=known.__getitem__,
        key=f"convert_from_{column}_{key}", placeholder="a unit",
    )  # fmt: skip
    return source, place is not None


def _to_model(column: str, unit: str, key: str) -> Conversion | None:
    """Draw the unit that a file has a column in, and the one that the model has it in."""
    source, is_known = _source_unit(column, unit, key, is_said=False)
    if source is None:
        return None
    targets = [name for name in units_of(source[1]) if name != source[0]]
    default = next((place for place, name in enumerate(targets) if unit and same_unit(name, unit)), 0)
    wanted = st.selectbox(
        "The model has it in", targets, default, key=f"convert_to_{column}_{source[0]}_{key}",
        help="The unit that the model was trained with." if is_known else "The model does not say its unit: choose it.",
    )  # fmt: skip
    return conversion(column, source[0], wanted)


def _between_units(column: str, unit: str, key: str) -> Conversion | None:
    """Draw the unit that a file has a column in, as far as it says, and the one that it is to be in."""
    source, _ = _source_unit(column, unit, key, is_said=True)
    if source is None:
        return None
    targets = [name for name in units_of(source[1]) if name != source[0]]
    wanted = st.selectbox("It is to be in", targets, None, key=f"convert_to_{column}_{source[0]}_{key}", placeholder="a unit")
    return conversion(column, source[0], wanted) if wanted else None


def _by_numbers(column: str, unit: str, key: str) -> Conversion | None:
    factor = st.number_input("Times", value=1.0, format="%g", key=f"convert_times_{column}_{key}")
    offset = st.number_input("Plus", value=0.0, format="%g", key=f"convert_plus_{column}_{key}")
    if factor == 0:
        st.error("Times 0 leaves nothing of the column. Choose another number.", icon="⚠️")
        return None
    return None if (factor, offset) == (1.0, 0.0) else Conversion(column, float(factor), float(offset), target=unit)
