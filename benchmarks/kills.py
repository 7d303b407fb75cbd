"""The server is killed at random moments while a visitor uploads, trains, explains and edits: `python -m benchmarks.kills`.

`complex-lstm serve` runs in a process of its own, which SIGKILL ends; another one is started on the same workspace, and the visitor comes
back with their cookie. What the server had acknowledged, which is what the address bar carried, has to be there: files to the byte, runs in
the list, edits and explanations by their link. A quarter of the kills during training take the trainings with them, as a pulled plug
does; their runs are resumed on the page. In the end all runs have to be done. Servers are forked from a process that has imported the
libraries, which saves a hundred imports.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import multiprocessing
import os
import pkgutil
import random
import signal
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx

from benchmarks.page_speed import ROOT
from benchmarks.sessions import Visitor, arrive, visiting
from complex_lstm import __version__
from complex_lstm.disk import NEW, PARTIAL
from complex_lstm.runs import Run, list_runs
from complex_lstm.workspace import DIGITS, Workspace, workspaces_in

RESULTS = ROOT / "benchmarks" / "results" / "kills.json"
PAGES = [one.name for one in pkgutil.walk_packages([f"{ROOT}/complex_lstm/ui"], "complex_lstm.ui.")]
PRELOADED = ["lightning.pytorch", "streamlit.web.bootstrap", *PAGES]
CONFIGURED = '[server]\naddress = "127.0.0.1"\n[workspace]\nfolder = "workspace"\n[jobs]\nprocesses = 1\n[log]\nformat = "json"\n'
SAMPLE, EPOCHS, WINDOWS = "planted_order", 2, 600
PULLED = 0.25  # of the kills during training
STARTED = 300  # seconds that a server may take to answer


@dataclass
class Brought:
    """What the visitor has sent, and what of it was acknowledged."""

    cookies: dict[str, str] = field(default_factory=dict)
    sent: dict[str, bytes] = field(default_factory=dict)  # files by their keys
    files: set[str] = field(default_factory=set)
    runs: set[str] = field(default_factory=set)

    def note(self, links: list[str]) -> None:
        """Note what links carry, which is acknowledged for good."""
        read = [parts_of(one) for one in links]
        self.files |= {one["data"] for one in read if "data" in one} & self.sent.keys()
        self.runs |= {one["run"] for one in read if "run" in one}


def parts_of(link: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(link).items()}


async def upload(visitor: Visitor, draw: random.Random, brought: Brought) -> None:
    """Upload one file after the other."""
    visitor.selection = {}
    await visitor.open("data")
    while True:
        rows = "\n".join(f"{step},{draw.random():.4f}" for step in range(draw.randrange(50, 5000)))
        content = f"step,level\n{rows}\n".encode()
        key = hashlib.sha256(content).hexdigest()[:DIGITS]
        brought.sent[key] = content
        await visitor.upload("data_upload", f"{key}.csv", content)


async def train(visitor: Visitor, _draw: random.Random, _brought: Brought) -> None:
    """Start a training of a small model, and watch it."""
    await visitor.open("train")
    visitor.enter(f"train_hidden_dim_{SAMPLE}", int_value=8)
    visitor.enter(f"train_epochs_{SAMPLE}", int_value=EPOCHS)
    await visitor.press("train_start")
    await asyncio.sleep(STARTED)


async def explain(visitor: Visitor, draw: random.Random, _brought: Brought) -> None:
    """Have one window after the other explained."""
    while True:
        await visitor.open("explain", focus="importance", methods="ablation", window=str(draw.randrange(WINDOWS)))
        await visitor.rest()


async def edit(visitor: Visitor, draw: random.Random, _brought: Brought) -> None:
    """Edit a window, one edit after the other."""
    await visitor.open("experiment", window=str(draw.randrange(WINDOWS)))
    while True:
        await visitor.press("what_if_apply")


@dataclass(frozen=True)
class Activity:
    """What a visitor does, within how many seconds the kill comes, and where the last link then has to show what."""

    do: Callable[[Visitor, random.Random, Brought], Awaitable[None]]
    within: float
    page: str
    shown: Callable[[dict[str, str]], str]


ACTIVITIES = {
    "upload": Activity(upload, 5, "data", lambda link: f"{link['data']}.csv" if "data" in link else ""),
    "train": Activity(train, 12, "train", lambda link: ""),
    "explain": Activity(explain, 12, "explain", lambda link: "**method** Ablation" if "window" in link else ""),
    "edit": Activity(edit, 8, "experiment", lambda link: f"{edits_in(link)} of {edits_in(link)} edits applied" if "edits" in link else ""),
}


def edits_in(link: dict[str, str]) -> int:
    return link["edits"].count(",") + 1


@dataclass(frozen=True)
class Kill:
    """One kill: in which activity, after how many seconds, whether trainings died too, and how many links were acknowledged by then.

    `lost` is in words, and empty where nothing was lost.
    """

    activity: str
    seconds: float
    pulled: bool
    acknowledged: int
    lost: tuple[str, ...]


class Served:
    """`complex-lstm serve` in a process of its own, on the configuration in a folder."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        self.process = context.Process(target=serve, args=(str(folder), port), daemon=True)
        self.process.start()

    async def cookies(self) -> dict[str, str]:
        """Return the cookies that a first visit brings, once the server answers."""
        end = time.monotonic() + STARTED
        async with httpx.AsyncClient(timeout=STARTED, headers={"Accept": "text/html"}) as client:
            while self.process.is_alive() and time.monotonic() < end:
                with suppress(httpx.TransportError):
                    for path in ("/_stcore/health", "/"):
                        (await client.get(f"{self.address}{path}")).raise_for_status()
                    return dict(client.cookies)
                await asyncio.sleep(0.1)
        raise TimeoutError("The server did not start.")

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


def serve(folder: str, port: int) -> None:
    """Be the server, with what it prints in a file."""
    from complex_lstm.cli import main

    with Path(folder, "log.txt").open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    main(["serve", str(Path(folder, "class.toml")), "--port", str(port)])


async def interrupted(
    server: Served, activity: Activity, seconds: float, draw: random.Random, brought: Brought, *, answers: int
) -> list[str]:
    """Do something until the server is killed, so long after it has answered so often.

    Returns what the address bar carried: what was typed, and then what came.
    """
    visitor, listening = await arrive(server.address, SAMPLE, brought.cookies)
    doing = asyncio.ensure_future(activity.do(visitor, draw, brought))
    while visitor.runs < answers and not doing.done():
        await asyncio.sleep(0.05)
    await asyncio.wait([doing], timeout=seconds)
    if doing.done():
        doing.result()  # nobody ends by themselves: it has failed
    server.kill()
    await listening  # what was on its way still comes
    visitor.stop_polls(list(visitor.polls))
    doing.cancel()
    with suppress(asyncio.CancelledError, httpx.HTTPError):
        await doing
    return [visitor.typed, *filter(None, visitor.links)]


async def lost_on_pages(address: str, activity: Activity, link: dict[str, str], cookies: dict[str, str]) -> list[str]:
    """Open the lists, and the last link as a new session does, and return what is not as it was."""
    async with visiting(address, link, cookies) as visitor:
        for page in ("", "train", activity.page):
            await visitor.open(page)
        await visitor.rest()
        words = activity.shown(link)
        lacking = [] if any(words in one for one in visitor.words) else [f"{activity.page} does not say {words}"]
        return [*visitor.errors, *(one for one in visitor.words if "does not hold" in one), *lacking]


def lost_on_disk(workspace: Workspace, brought: Brought) -> list[str]:
    """Return which files and runs are gone, changed or cannot go on, and what is half-written: of runs another process may be writing."""
    files = {one.key: one.path.read_bytes() for one in workspace.all("data")}
    runs = {run.key: run for run in runs_of(workspace)}
    return [
        *(f"file {key} is gone" for key in brought.files - files.keys()),
        *(f"file {key} is changed" for key, content in files.items() if content != brought.sent[key]),
        *(f"run {key} is gone" for key in brought.runs - runs.keys()),
        *(f"half-written: {path}" for path in half_written(workspace) if "runs" not in path.parts),
    ]


def runs_of(workspace: Workspace) -> list[Run]:
    return list_runs(workspace.folder / "runs")


def half_written(workspace: Workspace) -> list[Path]:
    return [path for path in workspace.folder.rglob("*") if path.name.startswith(PARTIAL) or path.name.endswith(NEW)]


def pull_the_plug(workspace: Workspace) -> None:
    """Kill the processes that train."""
    for run in runs_of(workspace):
        if run.is_under_way:
            with suppress(ProcessLookupError):
                os.kill(run.status.pid, signal.SIGKILL)


async def resume_all(address: str, workspace: Workspace, cookies: dict[str, str]) -> None:
    """Press "Resume" for each run whose process was killed."""
    for run in runs_of(workspace):
        if not run.is_under_way and run.can_resume:
            async with visiting(address, {"data": SAMPLE, "run": run.key}, cookies) as visitor:
                await visitor.open("train")
                await visitor.press("train_resume")


async def unfinished(workspace: Workspace) -> tuple[str, ...]:
    """Wait until no run is under way, and return those that are not done, and what is half-written."""
    while any(run.is_under_way for run in runs_of(workspace)):
        await asyncio.sleep(1)
    workspace.sweep()
    cut = [run for run in runs_of(workspace) if (run.status.state, run.status.epoch) != ("done", EPOCHS)]
    return (*(f"run {run.key}: {run.status.message}" for run in cut), *map(str, half_written(workspace)))


async def kill_often(
    folder: Path, activities: list[str], seed: int, report: Callable[[Kill], None], *, answers: int = 0
) -> tuple[str, ...]:
    """Kill a server once during each activity; return what is not done in the end, once all trainings have ended."""
    (folder / "class.toml").write_text(CONFIGURED, encoding="utf-8")
    draw, brought = random.Random(seed), Brought()
    server = Served(folder)
    brought.cookies = await server.cookies()
    for name in activities:
        activity, pulled = ACTIVITIES[name], name == "train" and draw.random() < PULLED
        seconds = draw.uniform(0, activity.within)
        links = await interrupted(server, activity, seconds, draw, brought, answers=answers)
        brought.note(links)
        workspace = workspaces_in(folder / "workspace")[-1]
        if pulled:
            pull_the_plug(workspace)
        server = Served(folder)
        await server.cookies()
        lost = [*lost_on_disk(workspace, brought), *await lost_on_pages(server.address, activity, parts_of(links[-1]), brought.cookies)]
        if pulled:
            await resume_all(server.address, workspace, brought.cookies)
        report(Kill(name, round(seconds, 2), pulled, len(links) - 1, tuple(lost)))
    left = await unfinished(workspace)
    server.kill()
    return left


def table(found: dict[str, Any]) -> str:
    """Return the kills by activity, in Markdown."""
    kills = found["kills"]
    lines = ["| while | kills | with something acknowledged before | lost |", "|---|---|---|---|"]
    for name in ACTIVITIES:
        own = [one for one in kills if one["activity"] == name]
        also = f", {pulled} with the trainings" if (pulled := sum(one["pulled"] for one in own)) else ""
        lost = sum(bool(one["lost"]) for one in own)
        lines.append(f"| {name} | {len(own)}{also} | {sum(one['acknowledged'] > 0 for one in own)} | {lost} |")
    left = f"{len(found['unfinished'])} trainings are not done" if found["unfinished"] else "all trainings are done"
    return "\n".join([*lines, "", f"In the end {left}. Seed {found['seed']}, version {found['version']}."])


def main() -> None:
    """Kill, print the table, and keep what was found."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--answers", type=int, default=0, help="the seconds begin once the server has answered so often")
    options.add_argument("--out", type=Path, default=RESULTS)
    asked = options.parse_args()
    names = [*ACTIVITIES]
    activities = [names[number % len(names)] for number in range(asked.kills)]
    random.Random(asked.seed).shuffle(activities)

    kills: list[Kill] = []

    def keep(left: tuple[str, ...]) -> dict[str, Any]:
        found = {"version": __version__, "seed": asked.seed, "kills": [asdict(one) for one in kills], "unfinished": left}
        asked.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        return found

    def report(kill: Kill) -> None:
        kills.append(kill)
        print(len(kills), kill, flush=True)
        keep(("It was stopped before the last kill.",))

    with tempfile.TemporaryDirectory() as folder:
        found = keep(asyncio.run(kill_often(Path(folder), activities, asked.seed, report, answers=asked.answers)))
    print(table(found))
    if found["unfinished"] or any(one.lost for one in kills):
        raise SystemExit("Something was lost.")


if __name__ == "__main__":
    main()
