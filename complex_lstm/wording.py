"""Counts in sentences, in the singular and the plural, and texts in tables that a spreadsheet opens."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # with one of these at its beginning a cell is a formula to a spreadsheet


def counted(count: int, noun: str, several: str = "") -> str:
    """Return a count with its noun: 1 line, 2 lines, 1,500 lines; `several` is a plural that is not made by an s."""
    return f"{count:,} {noun if count == 1 else several or f'{noun}s'}"


def form(count: int, single: str, several: str) -> str:
    """Return the words that go with a count: it is, they are."""
    return single if count == 1 else several


def spreadsheet_cell(value: object) -> str:
    """Return a value as a cell of a CSV. A text that a spreadsheet would take for a formula gets an apostrophe; a number does not."""
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
