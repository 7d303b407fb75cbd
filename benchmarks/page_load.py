"""What thirty visitors cost the server, in CPU time and in memory: `python -m benchmarks.page_load`.

Each visitor is a raw WebSocket session that sends and answers what a browser would, and paints nothing. It clicks through six
pages on each of two windows, each click as soon as the last one is answered. One visitor has been there before, so
that all explanations are computed. CPU time counts all threads of the server, and hardly depends on what else the machine does.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections import defaultdict

import psutil

from benchmarks.page_speed import ROOT, served
from benchmarks.sessions import Visitor, arrive, visiting
from complex_lstm.config import to_json
from complex_lstm.config.serving import VARIABLE, JobsSection, Serving

PAGES = ("explain", "experiment", "check", "data", "tour", "about")
WINDOWS = (40, 41)
KEPT = 120  # seconds that Streamlit keeps the state of a visitor who has left, for a connection that comes back
COLLECTED = 75  # seconds until the app has collected garbage after that (ui/app/warm_up.py)


async def walk(address: str, sample: str, first: int, *, rest: bool = False) -> tuple[list[tuple[str, float]], Visitor]:
    """Return the seconds of each click of one visitor, who begins with another page than the next one."""
    visitor, listening = await arrive(address, sample)
    taken = []
    for window in WINDOWS:
        for step in range(len(PAGES)):
            page = PAGES[(first + step) % len(PAGES)]
            taken.append((page, await visitor.open(page, window=str(window))))
            if rest:
                await visitor.rest()
    visitor.stop_polls(list(visitor.polls))
    await visitor.socket.close()
    await listening
    return taken, visitor


def cpu_seconds(server: psutil.Process) -> float:
    """Return the CPU time of the server and of processes that it started."""
    return sum(sum(one.cpu_times()[:2]) for one in (server, *server.children(recursive=True)))


def megabytes(server: psutil.Process) -> float:
    """Return the resident memory of the server and of processes that it started."""
    return sum(one.memory_info().rss for one in (server, *server.children(recursive=True))) / 2**20


async def highest(server: psutil.Process, seen: list[float]) -> None:
    """Note the resident memory ten times a second."""
    while True:
        seen.append(megabytes(server))
        await asyncio.sleep(0.1)


async def load(address: str, server: psutil.Process, *, visitors: int, sample: str, wait: bool) -> None:
    """Print what the visitors cost."""
    start, before = megabytes(server), cpu_seconds(server)
    taken, one = await walk(address, sample, 0, rest=True)
    print(f"| first visitor, with all that is computed: CPU seconds a click | {(cpu_seconds(server) - before) / len(taken):.3f} |")
    alone, begun = cpu_seconds(server), time.perf_counter()
    again, one = await walk(address, sample, 0)
    print(f"| one visitor after it: CPU seconds a click | {(cpu_seconds(server) - alone) / len(again):.3f} |")
    print(f"| kilobytes sent for a click | {one.received / len(again) / 1024:.0f} |")

    warm, seen = megabytes(server), [0.0]
    watching = asyncio.create_task(highest(server, seen))
    used, begun = cpu_seconds(server), time.perf_counter()
    walks = await asyncio.gather(*(walk(address, sample, number) for number in range(visitors)))
    wall, used = time.perf_counter() - begun, cpu_seconds(server) - used
    watching.cancel()
    clicks = [one for taken, _ in walks for one in taken]
    seconds = sorted(second for _, second in clicks)
    errors = [error for _, visitor in walks for error in visitor.errors]
    print(f"| {visitors} visitors: CPU seconds a click | {used / len(clicks):.3f} |")
    print(f"| clicks a second | {len(clicks) / wall:.1f} |")
    print(f"| cores used | {used / wall:.2f} |")
    print(f"| seconds to an answer: median, 90% | {statistics.median(seconds):.2f}, {seconds[int(0.9 * len(seconds))]:.2f} |")
    by_page = defaultdict(list)
    for page, second in clicks:
        by_page[page].append(second)
    print(f"| median by page | {', '.join(f'{page} {statistics.median(found):.2f}' for page, found in by_page.items())} |")
    print(f"| MB at the start, after the first visitor, at most | {start:.0f}, {warm:.0f}, {max(seen):.0f} |", flush=True)
    if errors:
        raise SystemExit(f"{len(errors)} errors were shown, the first of them: {errors[0]}")
    if wait:
        await asyncio.sleep(KEPT + COLLECTED)
        print(f"| MB {KEPT + COLLECTED} s after the last has left | {megabytes(server):.0f} |", flush=True)


async def beside(address: str, sample: str, *, rounds: int) -> None:
    """Print how long a click takes alone, and while another visitor has a window explained by all methods, in turns."""
    await walk(address, sample, 0, rest=True)
    taken: dict[str, list[float]] = {"alone": [], "beside a long explanation": []}
    for number in range(rounds):
        for name, seconds in taken.items():
            if name == "alone":
                clicks, _ = await walk(address, sample, number)
            else:
                async with visiting(address, {"data": sample, "model": sample}, {}) as other:
                    await other.open("explain", focus="importance", window=str(100 + number))
                    clicks, _ = await walk(address, sample, number)
                    assert other.polls, "The explanation has ended before the clicks."
            seconds += [second for _, second in clicks]
    for name, seconds in taken.items():
        ordered = sorted(seconds)
        print(f"| a click {name}, s: median, 90% | {statistics.median(ordered):.3f}, {ordered[int(0.9 * len(ordered))]:.3f} |", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--sample", default="nyc_weather")
    parser.add_argument("--beside", type=int, default=0, metavar="ROUNDS", help="instead: clicks beside a long explanation")
    parser.add_argument("--wait", action="store_true", help="also measure the memory after the visitors have left: three minutes more")
    parser.add_argument("--options", nargs="*", default=[], help="of Streamlit, as runner.postScriptGC=true")
    parser.add_argument(
        "--processes", type=int, metavar="N", help="compute in so many processes, 0 for threads, as `complex-lstm serve` does"
    )
    asked = parser.parse_args()
    if asked.processes is not None:
        os.environ[VARIABLE] = to_json(Serving(jobs=JobsSection(processes=asked.processes)))
    print("| what | found |\n|---|---|")
    with tempfile.TemporaryDirectory() as workspace, served(ROOT / "app.py", workspace, asked.options) as (address, pid):
        if asked.beside:
            asyncio.run(beside(address, asked.sample, rounds=asked.beside))
            return
        asyncio.run(load(address, psutil.Process(pid), visitors=asked.visitors, sample=asked.sample, wait=asked.wait))


if __name__ == "__main__":
    main()
