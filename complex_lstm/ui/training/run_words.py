"""What is said of a run beside its curves: what it waits for, and what resuming it means."""

from __future__ import annotations

from complex_lstm.runs import Run, Versions
from complex_lstm.ui.messages import plain


def queue_sentence(ahead: tuple[Run, ...]) -> str:
    """Return the place in the queue, and which earlier runs hold it up because they are paused."""
    place = f"Place {len(ahead) + 1} in the queue, {len(ahead)} run{'s' if len(ahead) > 1 else ''} before it"
    paused = [f"**{plain(run.plan.name)}**" for run in ahead if run.status.state == "paused"]
    if not paused:
        return f"{place}: it starts by itself."
    are = "is" if len(paused) == 1 else "are"
    return f"{place}. It waits for {' and '.join(paused)}, which {are} paused: let go on, or stop, what holds it up."


def versions_sentence(made: Versions, here: Versions) -> str:
    """Return with what a run was made that is another version here, "" where all is the same or not known."""
    named = (("torch", made.torch, here.torch), ("ComplexLSTM Explorer", made.complex_lstm, here.complex_lstm))
    other = [f"{name} {plain(then)} (here {plain(now or 'unknown')})" for name, then, now in named if then and then != now]
    if not other:
        return ""
    return f"It was made with {' and '.join(other)}: resumed here, it goes on with what is installed, and its curve may go on another way."
