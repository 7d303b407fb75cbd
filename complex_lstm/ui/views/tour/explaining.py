"""What stands below the picture: the arithmetic of the chosen value, the formula, and the code that computes it."""

from __future__ import annotations

import streamlit as st

from complex_lstm.arithmetic import Derivation, FormattedLine, Sum
from complex_lstm.ui.session.messages import caption, plain
from complex_lstm.ui.views.tour.chapter import Chapter
from complex_lstm.ui.views.tour.window import TourWindow


def show_exhibits(chapter: Chapter, window: TourWindow) -> None:
    """Draw the figures that a page has beside the picture."""
    for number, exhibit in enumerate(chapter.exhibits):
        st.plotly_chart(exhibit.draw(window), key=f"tour_exhibit_{number}", alt=exhibit.alt, config={"displayModeBar": False})
        caption(method=exhibit.made, output=window.outputs[window.target] if exhibit.of_target else "all")


def show_formula_and_code(chapter: Chapter, window: TourWindow) -> None:
    """Draw the formula beside our own lines that compute it."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**In symbols**")
        st.markdown(_formula(chapter.formula_of(window)))
    with right, st.container(key="tour_code"):
        st.markdown("**In our code**")
        for excerpt in chapter.excerpts_of(window):
            st.caption(f"`{excerpt.name}`")
            st.code(excerpt.code, language="python", wrap_lines=True)
            if excerpt.note:
                st.caption(excerpt.note)


def show_arithmetic(working: Derivation) -> None:
    """Draw the lines of one value in digits, and what they come to beside what the model computed."""
    st.markdown(f"#### The arithmetic of one value: {plain(working.name)}")
    st.markdown(_formula(working.formula))
    st.markdown("\n".join(f"{number}. {_line(written)}" for number, written in enumerate(working.formatted(), 1)))
    come_to, away = working.recomputed(), abs(working.recomputed() - working.traced)
    st.markdown(
        f"From the digits above: **{come_to:.7g}**. The model computed: **{working.traced:.7g}**. They are {away:.1g} apart"
        f"{', which is rounding' if working.agrees else ': more than rounding explains'}."
    )


def _formula(latex: str) -> str:
    """Return a formula as Markdown. In a sentence KaTeX breaks it; as a block it would scroll, out of the keyboard's reach."""
    return rf"$\displaystyle {latex}$"


def _line(written: FormattedLine) -> str:
    """Return a line as Markdown: what it is, in symbols, and in digits."""
    names = ""
    if isinstance(written.line, Sum) and written.line.terms:
        names = f" (of {', '.join(plain(term.name) for term in written.line.terms)})"
    return f"{plain(written.line.label)}{names}: ${written.in_symbols}$  \n   ${written.in_digits}$"
