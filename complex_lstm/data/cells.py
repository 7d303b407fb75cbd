"""What stands in the cells of a column: numbers in another way of writing, with a unit, and cells that mean "no value".

A reading's switches are applied to whole columns; what no switch names is offered with its count and its first lines.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from complex_lstm.data.findings import Offer
from complex_lstm.data.flags import flag_offer, flags_read_as_decimals, split_cells
from complex_lstm.data.looks import GROUPED, MARKERS, NUMBER, STANDARD_MISSING
from complex_lstm.data.sentinels import first_lines, sentinels
from complex_lstm.data.units import quantity_of
from complex_lstm.recipe import Missing, Reading, column_list, missing_text

LOOKED_AT = 500  # cells of a column by which it is known as numbers
MOST_WORDS = 3  # for "no value" in one column, that a message names
MOST_LETTERS = 2  # of a flag
OFFERED = 12  # texts of a column that are offered one by one
AFFIXED = re.compile(r"([^\d+\-.,]{0,8}?)\s*([+-]?[\d.,' \u00a0\u202f\u2019]*\d)\s*([^\d\s][^\d]{0,11}[\d²³]?)?")
CURRENCIES = {"EUR", "USD", "CHF", "GBP", "Rs", "INR", "R$", "US$", "A$", "kr", "JPY", "CNY", "RMB"}
LIMITS = "<>≤≥~≈"  # of detection
MINUS = {"-", "\u2212", "\u2013"}  # behind a number as accounts have it, or another sign than the keyboard's before it


@dataclass(frozen=True)
class Cells:
    """A frame with the reading's switches applied, the units that were taken off, and what was taken for missing."""

    frame: pd.DataFrame
    units: dict[str, str]
    taken: tuple[Offer, ...]


def floats(cells: pd.Series) -> Float[np.ndarray, " row"]:
    """Return cells as numbers, NaN where a cell is empty or holds none."""
    if isinstance(cells.dtype, np.dtype) and cells.dtype.kind in "biuf":  # pandas takes ten times as long to find nothing to do
        return cells.to_numpy(dtype=float)
    return pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def are_no_numbers(cells: pd.Series, values: Float[np.ndarray, " row"]) -> Bool[np.ndarray, " row"]:
    """Return where a filled cell is no finite number; `values` are the cells as `floats` reads them."""
    wrong = np.isinf(values)
    return wrong if pd.api.types.is_numeric_dtype(cells) else wrong | (np.isnan(values) & cells.notna().to_numpy())


def are_certainly_decimal(sizes: Float[np.ndarray, " row"]) -> bool:
    """Return whether a number of a column cannot be thousands that were read as decimals: 0.5, 12.3456, or 1000.25."""
    known = sizes[np.isfinite(sizes)]
    thousandths = known * 1000
    is_finer = np.abs(thousandths - np.round(thousandths)) > 1e-6 * np.maximum(thousandths, 1)
    is_broken = known != np.round(known)
    return bool((is_finer | ((known < 1) & (known > 0)) | ((known >= 1000) & is_broken.any())).any())


def texts_in(cells: pd.Series) -> pd.Series:
    """Return the filled cells of a column that are no finite number."""
    wrong = are_no_numbers(cells, floats(cells))
    return cells[wrong] if wrong.any() else cells.iloc[:0]


def numbers_share(cells: pd.Series) -> float:
    """Return the share of numbers, written in whatever way, among some of a text column's cells that are no marker."""
    filled = cells.dropna()
    some = filled if len(filled) <= LOOKED_AT else filled.iloc[np.linspace(0, len(filled) - 1, LOOKED_AT).astype(int)]
    said = [cell for cell in (str(one).strip() for one in some) if cell not in MARKERS and not cell.startswith("#")]
    if not said:
        return 0.0
    return sum(bool(NUMBER.fullmatch(cell) or GROUPED.fullmatch(cell) or _affix(cell)) for cell in said) / len(said)


def _affix(cell: str) -> re.Match[str] | None:
    """Return a number with something before or after it that has no digit: a unit, a currency, %."""
    found = AFFIXED.fullmatch(cell)
    if not found or not (found[1] or found[3]) or not _reads(found[2]) or re.search(r"[:/-]\d|\d{3}[-/ ]?[QqTtW]\d", cell[1:]):
        return None
    names = re.search(r"[A-Za-z]", found[1]) and found[1].strip(" .") not in CURRENCIES  # s12 and Land 7 are names
    return None if names else found


def _reads(number: str) -> bool:
    return bool(NUMBER.fullmatch(number.strip()) or GROUPED.fullmatch(number.strip()))


def _text_columns(frame: pd.DataFrame) -> list[str]:
    return [str(column) for column in frame if not pd.api.types.is_numeric_dtype(frame[column]) and frame[column].dtype != bool]


def apply(frame: pd.DataFrame, reading: Reading) -> Cells:
    """Return the frame read with the reading's missing cells, decimal and thousands signs and stripped columns."""
    frame = _with_flags(frame, reading)
    columns, units, taken = {}, {}, []
    flags = {f"{column} flag" for column in reading.split}  # codes, not numbers, also where they are digits
    for column in (name for name in map(str, frame) if name not in flags):
        cells = frame[column]
        is_text = not pd.api.types.is_numeric_dtype(cells)
        if is_text and numbers_share(cells) <= 0.5 and not any(column in one.columns for one in reading.missing):
            continue
        changed, found = _without_missing(cells, column, reading.missing, is_text)
        taken += found
        if is_text:
            changed, unit = _as_numbers(changed, reading, column in reading.strip)
            if unit:
                units[column] = unit
        if changed is not cells:
            columns[column] = changed
    return Cells(frame.assign(**columns) if columns else frame, units, tuple(taken))


def _with_flags(frame: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """Return a frame in which what stands with the numbers of some columns has columns of its own, right after them."""
    for column in [name for name in reading.split if name in frame and not pd.api.types.is_numeric_dtype(frame[name])]:
        parts, place = split_cells(frame[column], column), list(frame).index(column)
        is_flag = f"{column} flag" in parts
        typed = {name: part if is_flag else _typed(part) for name, part in parts.items()}
        made = pd.DataFrame({name: typed[name] for name in typed if name == column or name not in frame}, index=frame.index)
        frame = pd.concat([frame.iloc[:, :place], made, frame.iloc[:, place + 1 :]], axis=1)
        numbers = pd.to_numeric(frame[column], errors="coerce")
        if numbers.notna().sum() == frame[column].notna().sum():
            frame = frame.assign(**{column: numbers})
    return frame


def _typed(part: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(part, errors="coerce")
    return numbers if numbers.notna().sum() == part.notna().sum() else part


def _without_missing(cells: pd.Series, column: str, missing: tuple[Missing, ...], is_text: bool) -> tuple[pd.Series, list[Offer]]:
    found = []
    for one in missing:
        if one.columns and column not in one.columns:
            continue
        value = _number(one.cell)
        same = (cells.astype(str).str.strip() == one.cell.strip()) if is_text else pd.Series(np.zeros(len(cells), dtype=bool), cells.index)
        if value is not None:
            numeric = floats(cells)
            same = same | np.isclose(numeric, value, rtol=1e-6, atol=0)
        same &= cells.notna()
        if same.any():
            reason = "It means that there is no value, as the reading says."
            taken = (int(same.sum()), first_lines(cells, same.to_numpy()), reason)
            found.append(Offer("missing", column, Missing(one.cell, (column,)), *taken, taken=True))
            cells = cells.mask(same)
    return cells, found


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _as_numbers(cells: pd.Series, reading: Reading, strip: bool) -> tuple[pd.Series, str]:
    """Return text cells as numbers where they all are, and the unit that was taken off; else each that is one in plain form."""
    filled = cells.dropna()
    kinds = filled.unique()
    plain = np.zeros(len(kinds), dtype=bool)
    if reading.decimal == ".":
        plain = pd.to_numeric(pd.Series(kinds, dtype="str"), errors="coerce").notna().to_numpy()
    affix = _common_affix([str(cell) for cell in kinds[:LOOKED_AT]]) if strip else ""
    changed: dict[object, object] = {}
    for cell in kinds[~plain]:
        made = plain_number(_without(str(cell).strip(), affix), reading.decimal, reading.thousands)
        if made is not None:
            changed[cell] = made
    text = cells.map(lambda cell: changed.get(cell, cell)) if changed else cells
    values = pd.to_numeric(text, errors="coerce")
    unit = affix if affix not in ("(", *MINUS, *LIMITS) else ""
    if values.notna().sum() == cells.notna().sum():
        return values, unit
    return (text.astype("str") if changed else cells), unit


def plain_number(cell: str, decimal: str, thousands: str) -> str | None:
    """Return a number as Python writes it, or None for what is no number with these signs."""
    cell = re.sub(r"(?<=\d)[dD](?=[+-]\d+$)", "e", f"-{cell[1:]}" if cell[:1] == "\u2212" else cell)  # Fortran's 1.5D+01
    grouped = rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+|" if thousands else ""
    grouped += r"\d{1,2}(?:,\d{2})+,\d{3}|" if thousands == "," else ""  # lakh and crore
    if thousands == " ":
        grouped = r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+|"
    sign = re.escape(decimal)
    if not re.fullmatch(rf"[+-]?(?:(?:{grouped}\d+)(?:{sign}\d*)?|{sign}\d+)(?:[eE][+-]?\d+)?", cell):
        return None
    bare = re.sub(r"[ \u00a0\u202f]", "", cell) if thousands == " " else cell.replace(thousands, "") if thousands else cell
    return bare.replace(decimal, ".")


def _common_affix(cells: list[str]) -> str:
    found = Counter((match[1] or match[3] or "").strip() for cell in cells if (match := _affix(cell.strip())))
    return found.most_common(1)[0][0] if found else ""


def _without(cell: str, affix: str) -> str:
    """Return a cell without its affix; a number in brackets, or with a sign behind it, is negative."""
    if affix == "(":
        return f"-{cell[1:-1]}" if cell.startswith("(") and cell.endswith(")") else cell
    if affix in MINUS:
        bare = cell.removeprefix(affix).removesuffix(affix).strip()
        return f"-{bare}" if bare != cell else cell
    return cell.removeprefix(affix).removesuffix(affix).strip() if affix else cell


def remedy(wrong: pd.Series, column: str) -> str:
    """Return what to do about cells of a column of numbers that are none, in words for the page and the command line."""
    words = list(dict.fromkeys(str(cell).strip() for cell in wrong.dropna().iloc[: 10 * LOOKED_AT]))
    if sum(_affix(word) is not None for word in words) > len(words) / 2:
        option = f"--strip {shlex.quote(column_list((column,)))}"
        return f"If the sign beside the number means nothing, take it off when the file is read ({option})."
    if len(words) > MOST_WORDS or not pd.to_numeric(pd.Series(words, dtype="str"), errors="coerce").isna().all():
        return "Correct it, leave the cell empty to have it filled, or leave the column out."
    options = " ".join(f"--missing-cell {shlex.quote(missing_text(Missing(word, (column,))))}" for word in words)
    return (
        f"If it means that there is no value, name it among the cells that mean missing ({options}); "
        f"else correct it, or leave the column out."
    )


def offers(frame: pd.DataFrame, reading: Reading) -> tuple[Offer, ...]:
    """Return what is suspected in the cells of a frame: texts among numbers, numbers with a unit, and values that stand for none."""
    found: list[Offer] = []
    for column in map(str, frame):
        cells = frame[column]
        if pd.api.types.is_bool_dtype(cells):
            continue
        if pd.api.types.is_numeric_dtype(cells):
            found += sentinels(cells, cells.to_numpy(dtype=float, na_value=np.nan), column)
            found += flags_read_as_decimals(cells, column) if reading.decimal == "," else []
        elif split := flag_offer(cells, column):
            found.append(split)
        elif numbers_share(cells) > 0.5 and column not in {f"{one} flag" for one in reading.split}:
            found += _in_numbers(cells, column, reading)
            found += sentinels(cells, pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float), column)
        else:
            found += _in_text(cells, column)
    return tuple(found)


def _in_text(cells: pd.Series, column: str) -> list[Offer]:
    """Return offers for another program's word for "no value" in a column of text, where it may also be a name."""
    found = []
    words = (*STANDARD_MISSING, "?", "-")
    any_of_them = cells.isin(words)
    for word in cells[any_of_them].unique() if any_of_them.any() else ():
        same = (cells == word).to_numpy(dtype=bool, na_value=False)
        if not same.all():
            reason = f"Other programs write {word} for 'no value'; in a column of text it may also be a name."
            found.append(
                Offer("missing", column, Missing(word, (column,)), int(same.sum()), first_lines(cells, same), reason, likely=False)
            )
    return found


def _in_numbers(cells: pd.Series, column: str, reading: Reading) -> list[Offer]:
    texts = cells.dropna().astype(str)
    texts = texts[pd.to_numeric(texts, errors="coerce").isna()]
    counted = texts.value_counts()
    affixed = [cell for cell in counted.index if _affix(cell.strip())]
    grouped = [cell for cell in counted.index if not _affix(cell.strip()) and _reads(cell.strip())]
    found = []
    if affixed and column not in reading.strip:
        flags = _affixed_flags(cells, column, counted, affixed)
        found.append(flags or _strip_offer(cells, column, counted, affixed, reading))
    if grouped:
        found += _sign_offer(cells, column, counted, grouped, reading)
    rest = [cell for cell in counted.index if cell not in set(affixed) | set(grouped)]
    for cell in rest[:OFFERED]:
        same = (cells == cell).to_numpy(dtype=bool, na_value=False)
        known = cell.strip() in MARKERS or cell.startswith("#")
        what = "It is a usual word for 'no value'" if known else "It is text in a column of numbers"
        reason = f"{what}, in {int(counted[cell]):,} of {len(cells):,} rows."
        about = (int(counted[cell]), first_lines(cells, same), reason)
        found.append(Offer("missing", column, Missing(cell.strip(), (column,)), *about, likely=known or about[0] > 1))
    return found


def _affixed_flags(cells: pd.Series, column: str, counted: pd.Series, affixed: list[str]) -> Offer | None:
    """Return the offer to split flags off numbers, None where what stands beside them is one sign that all have, or a unit."""
    flags = Counter[str]()
    for cell in affixed:
        match = _affix(cell.strip())
        flags[((match[1] + (match[3] or "")) if match else "").strip()] += int(counted[cell])
    bare = sum(flags.values()) < int(cells.notna().sum())
    negative = cells.dropna().astype(str).str.match(r"\s*[-\u2212]\d").any()
    are_units = all(quantity_of("", flag) and not (bare and len(flag) == 1 and flag.isalpha()) for flag in flags)
    have_sign = any(flag in (*MINUS, *LIMITS, "%", *"€$£¥") or flag in CURRENCIES for flag in flags)
    in_all = len(flags) == 1 and (not bare or (set(flags) == {"()"} and not negative))  # in accounts brackets are negative
    if are_units or have_sign or in_all or max(map(len, flags)) > MOST_LETTERS:
        return None
    same = cells.isin(affixed).to_numpy()
    kinds = ", ".join(map(repr, list(flags)[:4]))
    reason = f"Flags stand beside its numbers ({kinds}), {'in some cells' if bare else 'a different one in different cells'}."
    parts = [one.iloc[0] for one in split_cells(pd.Series([affixed[0]], dtype="str"), column).values()]
    if any(map(pd.isna, parts)):
        return None
    preview = f"{affixed[0]} → {' and '.join(parts)}"
    return Offer("split", column, column, int(same.sum()), first_lines(cells, same), reason, preview)


def _strip_offer(cells: pd.Series, column: str, counted: pd.Series, affixed: list[str], reading: Reading) -> Offer:
    units = Counter[str]()
    for cell in affixed:
        match = _affix(cell.strip())
        units[((match[1] or match[3] or "") if match else "").strip()] += int(counted[cell])
    unit = units.most_common(1)[0][0]
    number = plain_number(_without(affixed[0].strip(), unit), reading.decimal, reading.thousands)
    same = cells.isin(affixed).to_numpy()
    reason = f"Its numbers carry {unit!r}."
    if unit == "(":
        reason = "Numbers in brackets are negative in accounts."
    if unit in MINUS:
        reason = f"A number with {unit!r} beside it is negative."
    if unit in LIMITS:
        reason = f"{unit!r} may say that a value lies beyond what could be measured: without it the limit itself is taken."
    if len(units) > 1:
        reason = f"Its numbers carry {len(units)} units ({', '.join(list(units)[:4])}): only {unit!r} is taken off."
    preview = f"{affixed[0]} → {number or 'no number'}"
    return Offer(
        "strip", column, column, int(same.sum()), first_lines(cells, same), reason, preview, likely=len(units) == 1 and unit not in LIMITS
    )


def _sign_offer(cells: pd.Series, column: str, counted: pd.Series, grouped: list[str], reading: Reading) -> list[Offer]:
    """Return the offer of a decimal or a thousands sign by which a column's texts are numbers."""
    tried = ((".", ","), (",", "."), (".", " "), (",", " "), (".", "'"), (",", ""), (".", "\u2019"))
    some = [cell.strip() for cell in grouped[:200]]
    fitting = [pair for pair in tried if all(plain_number(cell, *pair) is not None for cell in some)]
    if not fitting:
        return []
    decimal, thousands = fitting[0]
    switch, value = ("decimal", decimal) if decimal != reading.decimal else ("thousands", thousands)
    same = cells.isin(grouped).to_numpy()
    ambiguous = len({plain_number(some[0], *pair) for pair in fitting}) > 1
    kind = "another decimal sign" if switch == "decimal" else "a sign for thousands"
    reason = f"So its cells are numbers with {kind}.{' It may also be a decimal sign.' if ambiguous else ''}"
    preview = f"{some[0]} → {plain_number(some[0], decimal, thousands)}"
    return [Offer(switch, column, value, int(same.sum()), first_lines(cells, same), reason, preview, likely=not ambiguous)]
