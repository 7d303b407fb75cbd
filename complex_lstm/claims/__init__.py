"""The statements of the architecture document one by one, each with what was measured and a verdict that follows from the numbers."""

from __future__ import annotations

from functools import lru_cache

from complex_lstm.claims.claim import KINDS, VERDICTS, Claim, Finding, Kind, Verdict
from complex_lstm.claims.counts import count_claims
from complex_lstm.claims.parts import part_claims
from complex_lstm.claims.stored import Stored, stored_numbers
from complex_lstm.claims.training import training_claims
from complex_lstm.claims.worth import overview_claims, worth_claims


@lru_cache(maxsize=1)
def every_claim() -> tuple[Claim, ...]:
    """Return all claims, roughly in the order of the document."""
    return (*overview_claims(), *part_claims(), *count_claims(), *training_claims(), *worth_claims())


@lru_cache(maxsize=1)
def judged_claims() -> tuple[tuple[Claim, Finding], ...]:
    """Return all claims with what was found of each, by the stored numbers."""
    return tuple((claim, claim.finding(stored_numbers())) for claim in every_claim())


__all__ = ["KINDS", "VERDICTS", "Claim", "Finding", "Kind", "Stored", "Verdict", "every_claim", "judged_claims", "stored_numbers"]
