"""Findings as rows: the claim, the evidence, what it comes to, and the way to the page that measures it."""

from __future__ import annotations

import streamlit as st

from complex_lstm.ui.claims.findings import Finding
from complex_lstm.ui.scene import page

WIDTHS = (3, 5, 1.6, 1.8)


def list_findings(findings: tuple[Finding, ...]) -> None:
    """Draw one row for each finding."""
    for column, name in zip(st.columns(WIDTHS), ("Claim or question", "Evidence", "Verdict", "Where to look"), strict=True):
        column.caption(name)
    for finding in findings:
        claim, evidence, verdict, link = st.columns(WIDTHS, vertical_alignment="center")
        claim.markdown(f"**{finding.claim}**")
        evidence.markdown(finding.evidence)
        verdict.markdown(finding.verdict)
        link.page_link(page(finding.stem), label=finding.label)
