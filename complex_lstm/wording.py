"""Counts in sentences, in the singular and the plural."""


def counted(count: int, noun: str, several: str = "") -> str:
    """Return a count with its noun: 1 line, 2 lines, 1,500 lines; `several` is a plural that is not made by an s."""
    return f"{count:,} {noun if count == 1 else several or f'{noun}s'}"


def form(count: int, single: str, several: str) -> str:
    """Return the words that go with a count: it is, they are."""
    return single if count == 1 else several
