"""Numbers as they are written down: seven significant digits, in LaTeX."""

from __future__ import annotations

SIGNIFICANT = 7  # float32 holds 7.2 decimal digits: fewer miss the traced value by more than 1e-5, more are not in it


def as_written(value: float) -> float:
    """Return the number that stands on the page for a value: the value to as many digits as are written."""
    return float(_text(value))


def digits(value: float) -> str:
    """Return a number in LaTeX."""
    mantissa, _, exponent = _text(value).partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def bracketed(written: str) -> str:
    """Return a number in LaTeX as it stands beside a sign: in brackets where it has one of its own."""
    return f"({written})" if written.startswith("-") else written


def _text(value: float) -> str:
    return f"{value + 0.0:.{SIGNIFICANT}g}"  # + 0.0 because a zero has no sign on paper
