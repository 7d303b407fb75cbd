"""The statements on what the architecture is worth: overview, principles, features, strengths, weaknesses, uses, conclusion."""

from __future__ import annotations

from functools import partial
from math import isnan

from complex_lstm.claims import facts
from complex_lstm.claims.claim import Claim, Finding, Judge, Place, Verdict
from complex_lstm.claims.judging import better, fact, helps, matters, rounding
from complex_lstm.claims.parts import FLOW, HEADS, MAPS, PROBED, SWITCH, WITHOUT, deeper, gap, gradients
from complex_lstm.claims.stored import BASE, Stored
from complex_lstm.claims.training import SWEEP

RIVALS = (
    "On the same three data sets: a plain LSTM and a plain GRU with as many parameters and the same training, and without a network "
    "MiniRocket "
    "with a ridge classifier (classes) or ridge (values). Ahead of all on the mean holds; behind any beyond chance does not."
)
SHIPPED = "On 40 fresh windows of planted_order, whose deciding cells are known, with the shipped model."
UNSEEN = "Not measured: no such data ships with the dashboard."
CHECK = Place("check", "Check: simple models")
LOW_LATENCY = 0.01  # seconds a window on one core: what a control loop at 100 Hz leaves
NOISY = Place("explain", "Explain: importance")


def overview_claims() -> tuple[Claim, ...]:
    """Return the claims of the document's beginning, in its order."""
    at, principle, why = (partial(Claim, name) for name in ("Overview", "Design Principles", "Why This Combination Works"))
    reach = facts.reach_of_convolutions()
    return (
        at("it is state of the art", "comparison", RIVALS, state_of_the_art, where=CHECK),
        at("convolutions see local patterns", "behaviour", "One step of a small untrained model's input is changed.",
           fact(reach < facts.TIME // 2 - 1, f"they reach {reach} steps to a side"), where=SWITCH),
        at("LSTMs read both ways", "behaviour", "The last step of a window is changed.",
           fact(facts.first_block_reads_back() > 1e-5, f"the first step's values move by {facts.first_block_reads_back():.1g}"),
           where=SWITCH),
        at("attention finds global relations", "comparison", WITHOUT, helps("no attention"), where=MAPS),
        at("several output heads make it robust", "comparison", "Trained anew with one head; test inputs with noise of half a deviation.",
           better(BASE, "one ensemble head", value="noise"), where=HEADS),
        at("it learns complex patterns at several scales at once", "comparison", f"{WITHOUT} Here without all convolutions.",
           helps("no convolutions"), where=SWITCH),
        principle("several scales see patterns of several lengths", "comparison", WITHOUT, helps("no convolutions"), where=SWITCH),
        principle("representations grow in complexity from layer to layer", "behaviour", PROBED,
           deeper("temp_conv1", "attention_layers.0"), where=SWITCH),
        principle("residuals keep gradients from vanishing", "behaviour",
                  "Untrained models with and without residuals; see Gradient Flow Strategy.", gradients(True), where=FLOW),
        principle("several views of the same data make it robust", "comparison",
                  "Trained anew with one head; a fifth of the test cells set to the training mean.",
                  better(BASE, "one ensemble head", value="missing"), where=HEADS),
        principle("attention adds global context to local processing", "comparison", WITHOUT, helps("no attention"), where=MAPS),
        why("convolutions bring local patterns", "comparison", WITHOUT, helps("no convolutions"), where=SWITCH),
        why("attention brings global context", "comparison", WITHOUT, helps("no attention"), where=SWITCH),
        why("the LSTM brings dependence on order", "comparison", WITHOUT, helps("no BiLSTM"), where=SWITCH),
    )  # fmt: skip


def worth_claims() -> tuple[Claim, ...]:
    """Return the claims from the advanced features on that are no counts and not on training, in the document's order."""
    return (*_features(), *_strengths(), *_weaknesses(), *_uses(), *_conclusion())


def state_of_the_art(stored: Stored) -> Finding:
    """Compare with plain recurrent networks of as many parameters, and with MiniRocket or ridge."""
    found = [(name, difference) for name in ("plain LSTM", "plain GRU") if (difference := stored.difference(BASE, name))]
    if not found:
        return Finding("no training run of both", "not measured")
    gaps = [simple_gap(stored, data) for data in stored.data() if stored.runs(BASE, data)]
    simple = sum(gaps) / len(gaps)
    words = "; ".join(f"less {name}: {one.words}" for name, one in found)
    behind = any(one.mean < -one.margin for _, one in found)
    ahead = all(one.mean > one.margin for _, one in found) and simple > 0
    verdict: Verdict = "does not hold" if behind else "holds" if ahead else "cannot be told"
    return Finding(f"{words}; less MiniRocket or ridge: {100 * simple:+.1f} points", verdict)


def simple_gap(stored: Stored, data: str) -> float:
    """Return the mean score on a data set, less that of MiniRocket for classes or ridge for values."""
    scores = [one["score"] for one in stored.runs(BASE, data)]
    simple = {one["model"]: one["score"] for one in stored.rows("simple") if one["data"] == data}
    return sum(scores) / len(scores) - simple.get("MiniRocket", simple.get("ridge", float("nan")))


def _features() -> list[Claim]:
    maps, importance = partial(Claim, "1. Attention Visualization"), partial(Claim, "2. Feature Importance Analysis")
    return [
        maps("its listing returns the model's attention", "behaviour",
             f"{SHIPPED} The listing does not add what the first attention layer gives: how much of the second layer's attention would "
             f"have to move.",
             lambda stored: _listing(stored), where=MAPS),
        maps("the maps show which steps the model looks at", "behaviour",
           f"{SHIPPED} Steps ranked by attention rollout: AUROC over 0.75 counts.",
             _shipped("attention_rollout_auroc", 0.75, "AUROC {:.2f}, chance 0.50"), where=MAPS),
        maps("they help to understand a decision", "behaviour", f"{SHIPPED} The deciding cells by attention: an AUPRC of 0.5 counts.",
             _shipped("attention_rollout_auprc", 0.5, "AUPRC {:.2f}"), where=MAPS),
        maps("they help to find faults of a model", "use case", "Not measured: no model with a known fault ships.", None, where=MAPS),
        importance("setting a feature to 0 takes it away", "behaviour",
                   "A scaled 0 is the training mean, as if the feature were at its mean: so much is taken away, and not the feature's "
                   "presence.",
                   None, where=NOISY),
        importance("it finds the features that matter", "behaviour",
           f"{SHIPPED} The share of windows whose two deciding features it ranks first.",
                   _shipped("zeroing_finds_features", 0.9, "{:.0%} of the windows"), where=NOISY),
        importance("it serves to select features", "use case",
                   "Not measured here: benchmarks.retraining compares rankings with retraining, and mostly cannot tell.", None,
                   where=NOISY),
    ]  # fmt: skip


def _listing(stored: Stored) -> Finding:
    moved = stored.content["shipped"]["listed_map_apart_2"]
    return Finding(f"layer 2's maps differ by {moved:.0%} of their attention", "holds" if moved < 0.001 else "does not hold")


def _shipped(name: str, enough: float, words: str) -> Judge:
    def judge(stored: Stored) -> Finding:
        value = stored.content["shipped"][name]
        return Finding(words.format(value), "holds" if value >= enough else "does not hold")

    return judge


def _strengths() -> list[Claim]:
    at = partial(Claim, "Strengths")
    return [
        at("it captures patterns from local to global", "comparison", f"{WITHOUT} Without convolutions, which is the local part.",
           helps("no convolutions"), where=SWITCH),
        at("the ensemble reduces overfitting", "comparison",
           "Trained anew with one head: how far the training score is above the test score.",
           _less_overfit, where=HEADS),
        at("attention and importance make it interpretable", "behaviour",
           f"{SHIPPED} The deciding cells by attention: an AUPRC of 0.5 counts.",
           _shipped("attention_rollout_auprc", 0.5, "AUPRC {:.2f}"), where=MAPS),
        at("it takes sequences of any length", "behaviour", "A short window in a padded batch and alone, in a small untrained model.",
           rounding(facts.padded_or_alone, "outputs"), where=Place("data", "Data")),
        at("it is state of the art by combining the best", "comparison", RIVALS, state_of_the_art, where=CHECK),
    ]  # fmt: skip


def _less_overfit(stored: Stored) -> Finding:
    rows = [one | {"gap": gap(one)} for one in stored.rows("runs")]
    return better(BASE, "one ensemble head", value="gap", lower=True)(Stored(stored.content | {"runs": rows}))


def _weaknesses() -> list[Claim]:
    at = partial(Claim, "Weaknesses")
    return [
        at("training it costs much", "cost",
           "Seconds of the processor to train, against a plain LSTM with as many parameters; twice is much.",
           lambda stored: _times(stored, "seconds", 2.0, "{:.1f} times the plain LSTM's seconds"), where=Place("train", "Train: time")),
        at("it is sensitive to its many settings", "comparison",
           "Any level of hidden size, dropout, attention heads or blocks moves the score by "
           "five points or more, beyond chance.",
           matters("hidden 16", "hidden 64", "dropout 0", "dropout 0.5", "1 attention head", "8 attention heads", "1 BiLSTM block",
                   "4 BiLSTM blocks"), where=SWEEP),
        at("it is hard to debug and to change", "comparison", "Not measured: it would take people and their time.", None, where=SWITCH),
        at("it may overfit", "behaviour", "How far the training score is above the test score; five points or more in a run counts.",
           _overfits, where=CHECK),
        at("training is unstable", "behaviour", "The deviation of the score between seeds; five points or more on a data set counts.",
           _unstable, where=SWEEP),
    ]  # fmt: skip


def _times(stored: Stored, value: str, much: float, words: str) -> Finding:
    ratios = []
    for data in stored.data():
        ours, theirs = (sorted(one[value] for one in stored.runs(name, data)) for name in (BASE, "plain LSTM"))
        if ours and theirs:
            ratios.append(ours[len(ours) // 2] / theirs[len(theirs) // 2])
    if not ratios:
        return Finding("no training run of both", "not measured")
    true = sum(ratio >= much for ratio in ratios)
    found = " to ".join(dict.fromkeys(f"{one:.1f}" for one in (min(ratios), max(ratios))))
    verdict: Verdict = "holds" if true == len(ratios) else "cannot be told" if true else "does not hold"
    return Finding(words.replace("{:.1f}", found), verdict)


def _overfits(stored: Stored) -> Finding:
    gaps = [gap(one) for one in stored.rows("runs") if one["variant"] == BASE]
    true = sum(one >= 0.05 for one in gaps)
    return Finding(
        f"{100 * min(gaps):+.0f} to {100 * max(gaps):+.0f} points; five or more in {true} of {len(gaps)} runs",
        "holds" if true else "does not hold",
    )


def _unstable(stored: Stored) -> Finding:
    spreads = {data: stored.spread(data)[0] for data in stored.data()}
    if any(isnan(one) for one in spreads.values()):
        return Finding("too few runs with several seeds", "not measured")
    words = ", ".join(f"{100 * spread:.1f} points on {data}" for data, spread in spreads.items())
    return Finding(words, "holds" if max(spreads.values()) >= 0.05 else "does not hold")


def _uses() -> list[Claim]:
    good, bad = partial(Claim, "Excellent For"), partial(Claim, "Not Ideal For")
    return [
        good("complex series, such as markets and sensors", "use case", f"{RIVALS} The weather stands for sensors; no market is here.",
             lambda stored: _ahead_on(stored, "nyc_weather"), where=CHECK),
        good("long sequences", "use case", "Not measured: the longest windows of these data sets have 50 steps.", None, where=CHECK),
        good("high stakes, where robustness counts", "use case",
           "The loss of score by noise of half a deviation, against a plain LSTM with as "
             "many parameters.", _robust_to_noise, where=CHECK),
        good("rich data", "use case", UNSEEN, None, where=CHECK),
        bad("simple patterns, where simpler models do better", "use case",
           "On the data set that the simplest model solves best: its score against "
            "that of the architecture.", _simple_pattern, where=CHECK),
        bad("small data, for it overfits", "use case",
           "On the data set with the fewest training windows: its score against the best without a network.",
            _small_data, where=CHECK),
        bad("low latency", "use case",
           f"The processor's time of one window alone on one core, in the small training runs; {1000 * LOW_LATENCY:.0f} ms "
            "or more is too slow.", lambda stored: _latency(stored), where=Place("about", "Time, on this page")),
        bad("where it has to be understood in full", "use case", "Not measured: no measure of full understanding was chosen.", None,
            where=Place("check", "Check: explanations")),
    ]  # fmt: skip


def _latency(stored: Stored) -> Finding:
    own = [one["latency"] for one in stored.rows("runs") if one["variant"] == BASE]
    plain = [one["latency"] for one in stored.rows("runs") if one["variant"] == "plain LSTM"]
    true = sum(one >= LOW_LATENCY for one in own)
    words = f"{1000 * min(own):.1f} to {1000 * max(own):.1f} ms at 32 channels, {1000 * min(plain):.1f} to {1000 * max(plain):.1f} by "
    "a plain LSTM"
    return Finding(words, "holds" if true == len(own) else "does not hold" if not true else "cannot be told")


def _ahead_on(stored: Stored, data: str) -> Finding:
    ours = [one["score"] for one in stored.runs(BASE, data)]
    if not ours:
        return Finding("no training run", "not measured")
    spread, free = stored.spread(data)
    simple = -simple_gap(stored, data)
    others = {name: [one["score"] for one in stored.runs(name, data)] for name in ("plain LSTM", "plain GRU")}
    mean = sum(ours) / len(ours)
    gaps = {name: mean - sum(each) / len(each) for name, each in others.items() if each}
    words = ", ".join(f"{100 * one:+.1f} less {name}" for name, one in (gaps | {"the simple model": -simple}).items())
    worst = min(*gaps.values(), -simple)
    sure = 2 * spread if free else float("nan")
    verdict: Verdict = "does not hold" if worst < -sure else "holds" if worst > sure else "cannot be told"
    return Finding(f"points: {words} (two deviations are {100 * sure:.1f})", verdict)


def _robust_to_noise(stored: Stored) -> Finding:
    rows = [one | {"lost": one["score"] - one["noise"]} for one in stored.rows("runs")]
    return better(BASE, "plain LSTM", value="lost", lower=True)(Stored(stored.content | {"runs": rows}))


def best_simple(stored: Stored, data: str) -> tuple[str, float]:
    """Return the best model without a network on a data set, and its score."""
    return max(((one["model"], one["score"]) for one in stored.rows("simple") if one["data"] == data), key=lambda one: one[1])


def _simple_pattern(stored: Stored) -> Finding:
    data = max((name for name in stored.data() if stored.runs(BASE, name)), key=lambda name: best_simple(stored, name)[1])
    return _behind(stored, data)


def _small_data(stored: Stored) -> Finding:
    data = min(stored.rows("tasks"), key=lambda one: one["learned"])["data"]
    return _behind(stored, data)


def _behind(stored: Stored, data: str) -> Finding:
    scores = [one["score"] for one in stored.runs(BASE, data)]
    if not scores:
        return Finding("no training run", "not measured")
    name, simple = best_simple(stored, data)
    spread, free = stored.spread(data)
    lead = simple - sum(scores) / len(scores)
    sure = 2 * spread if free else float("nan")
    verdict: Verdict = "holds" if lead > sure else "does not hold" if lead < -sure else "cannot be told"
    return Finding(f"{data}: {name} {100 * lead:+.1f} points (two deviations are {100 * sure:.1f})", verdict)


def _conclusion() -> list[Claim]:
    at = partial(Claim, "Conclusion")
    return [
        at("convolutions serve local features", "comparison", WITHOUT, helps("no convolutions"), where=SWITCH),
        at("recurrent processing serves order", "comparison", WITHOUT, helps("no BiLSTM"), where=SWITCH),
        at("attention serves global context", "comparison", WITHOUT, helps("no attention"), where=SWITCH),
        at("the ensemble serves robustness", "comparison", "Trained anew with one head; test inputs with noise of half a deviation.",
           better(BASE, "one ensemble head", value="noise"), where=HEADS),
        at("it succeeds where simpler models fail", "comparison", "On the data set on which the best model without a network scores least.",
           lambda stored: _where_others_fail(stored), where=CHECK),
        at("it needs careful tuning", "comparison",
           "Any level of hidden size or dropout moves the score by five points or more, beyond chance.",
           matters("hidden 16", "hidden 64", "dropout 0", "dropout 0.5"), where=SWEEP),
        at("it needs much data", "comparison", "Not measured: the data sets were not made smaller or larger.", None, where=CHECK),
        at("parts together do what none does alone", "comparison", "Not tried: parts were taken out one at a time, never two.", None,
           where=SWITCH),
    ]  # fmt: skip


def _where_others_fail(stored: Stored) -> Finding:
    data = min((name for name in stored.data() if stored.runs(BASE, name)), key=lambda name: best_simple(stored, name)[1])
    behind = _behind(stored, data)
    opposite: dict[Verdict, Verdict] = {"holds": "does not hold", "does not hold": "holds"}
    return Finding(behind.found, opposite.get(behind.verdict, behind.verdict))
