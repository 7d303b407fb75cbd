"""Every statement of the architecture document as one line, with a search, a filter by verdict, and what was measured on a click."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import streamlit as st

from complex_lstm.claims import VERDICTS, Claim, Finding, Verdict, judged_claims, stored_numbers
from complex_lstm.claims.stored import CONFIDENCE
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.scene import page
from complex_lstm.ui.views.claims.subject import FullSizeModel, Subject

MARKS: dict[Verdict, str] = {"holds": "✅", "does not hold": "❌", "cannot be told": "❔", "not measured": "▫️"}
Judged = tuple[tuple[Claim, Finding], ...]


def show_statements(subject: Subject) -> None:
    """Draw the lines that match the search and the chosen verdicts, and below them what was measured of the one that is clicked."""
    judged = judged_claims()
    counts = Counter(finding.verdict for _, finding in judged)
    sections = list(dict.fromkeys(claim.section for claim, _ in judged))
    st.markdown(
        f"{len(judged)} statements in {len(sections)} sections, in our words: "
        + ", ".join(f"{counts[verdict]} {MARKS[verdict]} {verdict}" for verdict in VERDICTS)
        + ". Choose a line to see what was measured."
    )
    found = _chosen(judged, sections)
    if not found:
        st.info("No statement matches. Take a word out of the search, or another verdict.", icon="🔎")
        return
    _list(found, subject)
    _describe()


def _chosen(judged: Judged, sections: list[str]) -> Judged:
    words = st.text_input("Search the statements", key="claims_search", placeholder="attention, dropout, latency").casefold().split()
    chosen = st.pills("Verdict", VERDICTS, selection_mode="multi", format_func=lambda one: f"{MARKS[one]} {one}", key="claims_verdict")
    section = st.selectbox("Section", ["All sections", *sections], key="claims_section")
    return tuple(
        (claim, finding)
        for claim, finding in judged
        if (not chosen or finding.verdict in chosen)
        and section in ("All sections", claim.section)
        and all(word in f"{claim.section} {claim.claim} {claim.kind} {finding.found}".casefold() for word in words)
    )


def _list(found: Judged, subject: Subject) -> None:
    frame = pd.DataFrame(
        [(MARKS[finding.verdict], claim.claim, claim.section, claim.kind) for claim, finding in found],
        columns=["", "claim", "section", "kind"],
    )
    event = st.dataframe(
        frame,
        hide_index=True,
        key="claims_statements",
        alt="The statements of the architecture document with their verdicts",
        on_select="rerun",
        selection_mode="single-cell",
        height=min(35 * (len(frame) + 1) + 3, 420),
        column_config={
            "": st.column_config.Column(width=36),
            "claim": st.column_config.Column(width=430),
            "section": st.column_config.Column(width=190),
            "kind": st.column_config.Column(width=90),
        },
    )
    cells = event["selection"]["cells"]
    row = cells[0][0] if cells else 0
    if row < len(found):
        _tell(*found[row], subject)


def _tell(claim: Claim, finding: Finding, subject: Subject) -> None:
    with st.container(border=True, key="claims_statement"):
        st.markdown(f"**{plain(claim.claim)}**  \n{MARKS[finding.verdict]} {finding.verdict} · {claim.kind} · {plain(claim.section)}")
        if finding.found:
            st.markdown(f"Found: {plain(finding.found)}")
        if claim.here and not isinstance(subject, FullSizeModel):
            st.markdown(f"The open model: {plain(claim.here(subject.config))}")
        st.markdown(plain(claim.how))
        st.page_link(page(claim.where.stem), label=claim.where.label)


def _describe() -> None:
    stored = stored_numbers()
    tasks = "; ".join(
        f"{one['data']}: {one['learned']} windows, {one['epochs']} epochs, {len(stored.runs('as it is', one['data']))} seeds"
        for one in stored.rows("tasks")
    )
    caption(
        method="verdicts follow by rules from counts, from the model's own behaviour, and from the one file of python -m benchmarks.claims",
        training=f"{len(stored.rows('runs'))} short runs of small models; {tasks}",
        points="hundredths of accuracy, or of the error of repeating the last value",
        interval=f"{CONFIDENCE:.0%}, from the spread over seeds",
    )
    reading(
        "A comparison holds where the difference lies beyond chance, and does not hold where it lies beyond chance on the other side "
        "or could be five "
        "points at most.",
        "The models that were trained are small, and trained briefly on few data: what does not hold for them may hold for a large "
        "model that is "
        "trained long. Statements that the document makes twice are judged twice.",
    )
