"""The statements on training: gradient flow, sensitivity, dynamics, and the advice."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

from complex_lstm.claims import facts
from complex_lstm.claims.claim import Claim, Finding, Judge, Place
from complex_lstm.claims.judging import better, each, fact, matters, robust
from complex_lstm.claims.parts import COMPUTED, FLOW, INSIDES, LOOKED, WITHOUT, gradients
from complex_lstm.claims.stored import BASE, Stored

SWEPT = (
    "Trained anew at other levels: hidden 32, two BiLSTM blocks, four attention heads, dropout 0.1 where nothing else is said, three "
    "data sets. "
    "Critical: another level moves the score by five points or more, beyond chance. Robust: none does."
)
COURSE = "At eight moments of each small training run of the architecture as it is, on test windows; thirds of the run's steps."
TRIED = "benchmarks.strategies: small models, four data sets, three seeds, the same epochs, against plain training."
SWEEP = Place("train", "Train: sensitivity")
STRATEGY = Place("train", "Train: strategies")
APART = 0.1  # of the ensemble heads' distance, as everywhere here


def training_claims() -> tuple[Claim, ...]:
    """Return the claims on training, in the order of the document."""
    return (*_flow(), *_sensitivity(), *_dynamics(), *_advice())


def _flow() -> list[Claim]:
    at = partial(Claim, "Gradient Flow Strategy")
    model: Any = facts.small_model()[0]
    shares = sorted({layer.p for layer in model.modules() if type(layer).__name__ == "Dropout"})
    deviation = facts.stream_deviation()
    return [
        at("residuals prevent vanishing gradients", "behaviour",
           "Untrained models, four blocks of 64 channels, 16 windows each of three data sets, three seeds, with the residuals and "
           "without. It holds "
           "where the norm at the projection is 0.1 to 10 times that after the last block, and less than 0.1 without.", gradients(True),
           where=FLOW),
        at("layer normalization keeps the size of activations", "behaviour", COMPUTED,
           fact(deviation < 1e-3, f"the deviation over channels is 1 up to {deviation:.0e}"), where=FLOW),
        at("components drop different shares", "count", LOOKED, fact(len(shares) > 1, f"dropout {', '.join(map(str, shares))}")),
        at("a learnable scale stabilises", "comparison", WITHOUT, better(BASE, "scale fixed at 1"), where=FLOW),
    ]  # fmt: skip


def _sensitivity() -> list[Claim]:
    at = partial(Claim, "Hyperparameter Sensitivity")
    return [
        at("the hidden size is critical", "comparison", SWEPT, matters("hidden 16", "hidden 64"), where=SWEEP),
        at("more channels overfit more", "comparison", "Hidden 64 against 16: how far the training score is above the test score.",
           wider_gap("hidden 64", "hidden 16"), where=SWEEP),
        at("dropout is critical", "comparison", SWEPT, matters("dropout 0", "dropout 0.5"), where=SWEEP),
        at("dropout regularises", "comparison", "Dropout 0 against 0.5: how far the training score is above the test score.",
           wider_gap("dropout 0", "dropout 0.5"), where=SWEEP),
        at("the number of attention heads is critical", "comparison", SWEPT, matters("1 attention head", "8 attention heads"), where=SWEEP),
        at("attention heads differ from each other", "behaviour",
           "The share of attention that a head would have to move to be like another, on test windows of small trained models; a tenth "
           "counts.",
           lambda stored: each(stored.values("inside", "attention_heads_apart"), lambda apart: apart >= 0.1, "{:.2f} to {:.2f} of it"),
           where=Place("explain", "Explain: attention heads")),
        at("the number of BiLSTM blocks is critical", "comparison", SWEPT, matters("1 BiLSTM block", "4 BiLSTM blocks"), where=SWEEP),
        at("kernel sizes are robust", "comparison", SWEPT, robust("kernels 5, 9, 13"), where=SWEEP),
        at("the number of ensemble heads is robust", "comparison", SWEPT, robust("one ensemble head"), where=SWEEP),
        at("the activation function is robust", "comparison", SWEPT, robust("GELU"), where=SWEEP),
    ]  # fmt: skip


def wider_gap(variant: str, other: str) -> Judge:
    """Return the judge of whether one variant's training score is farther above its test score than another's."""

    def judge(stored: Stored) -> Finding:
        rows = [one | {"gap": one["training_score"] - one["score"]} for one in stored.rows("runs")]
        return better(variant, other, value="gap")(Stored(stored.content | {"runs": rows}))

    return judge


def _dynamics() -> list[Claim]:
    at = partial(Claim, "Training Dynamics")
    return [
        at("early, the model learns basic patterns", "behaviour", f"{COURSE} Half or more of the loss's fall lies in the first third.",
           lambda stored: each([one["loss_fallen"][0] for one in stored.rows("courses")], lambda share: share >= 0.5,
                               "{:.0%} to {:.0%} of the fall by the end of the first third"), where=INSIDES),
        at("in the middle, attention settles", "behaviour",
           f"{COURSE} Settled: from when on its maps stay within a tenth of their largest distance from the last ones.", _settles,
           where=INSIDES),
        at("late, ensemble heads specialise", "behaviour",
           f"{COURSE} Most of the growth of the distance of their scaled outputs lies in the last third, and is {APART} or more.",
           _specialise, where=INSIDES),
    ]  # fmt: skip


def _settles(stored: Stored) -> Finding:
    found = [one["attention_settled"][0] for one in stored.rows("courses")]
    in_words = ", ".join(f"{third or 'hardly changes'} in {found.count(third)}" for third in dict.fromkeys(found))
    return _of_runs([third == "in the middle" for third in found], f"of {len(found)} runs: {in_words}")


def _specialise(stored: Stored) -> Finding:
    growths = [
        [after - before for before, after in itertools.pairwise(one)] for one in (row["head_distance"] for row in stored.rows("courses"))
    ]
    late = [max(growth) == growth[-1] and growth[-1] >= APART for growth in growths]
    means = ", ".join(f"{sum(growth[third] for growth in growths) / len(growths):+.2f}" for third in range(3))
    return _of_runs(late, f"mean growth by third {means}; true of {sum(late)} of {len(late)} runs")


def _of_runs(true: list[bool], words: str) -> Finding:
    return Finding(words, "holds" if all(true) else "cannot be told" if any(true) else "does not hold")


def _advice() -> list[Claim]:
    rates, dropout = partial(Claim, "3. Learning Rate Strategy"), partial(Claim, "2. Regularization Schedule")
    gradual = better("gradual complexity", "plain", part="strategies")
    adaptive = better("adaptive dropout", "plain", part="strategies")
    by_component = better("component rates", "plain", part="strategies")
    order = ("train the input projection first", "then add the convolutions", "add the BiLSTM blocks one by one", "add attention last",
             "end with the ensemble alone")  # fmt: skip
    return [
        *(Claim("1. Training Strategy", step, "advice", f"{TRIED} All five steps together; no step was tried alone.", gradual,
        where=STRATEGY)
          for step in order),
        *(dropout(step, "advice", f"{TRIED} The three stages together.", adaptive, where=STRATEGY)
          for step in ("drop half early", "drop 0.3 in the middle", "drop 0.1 late")),
        *(rates(step, "advice", f"{TRIED} The three rates together.", by_component, where=STRATEGY)
          for step in ("the input learns at 1e-3", "BiLSTM blocks learn at 1e-4", "attention learns at 1e-5")),
        Claim("Implementation Best Practices", "all of this together is best practice", "advice", TRIED,
              better("the document's together", "plain", part="strategies"), where=STRATEGY),
    ]  # fmt: skip
