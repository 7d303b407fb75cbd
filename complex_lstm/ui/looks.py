"""What Streamlit's own looks lack on every page: words that can be read."""

from __future__ import annotations

import streamlit as st

# What is chosen is written in the primary colour on a tint of it, a contrast of 4.47 in light and 3.61 in dark where 4.5 is needed. No one
# colour serves there and under the white words of a primary button. The border and the tint still say what is chosen.
LEGIBLE = """<style>
[data-testid="stButtonGroup"] button:is([aria-checked="true"], [data-selected="true"]), [data-testid="stSliderThumbValue"] {
  color: inherit !important;
}
</style>"""


def make_legible() -> None:
    """Draw nothing, and make what is chosen legible."""
    st.html(LEGIBLE)
