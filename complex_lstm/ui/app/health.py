"""What is seen of the server from outside: `/healthz` in JSON, `/metrics` in OpenMetrics, neither of which needs or names a visitor.

And, for a page that has lost its connection, whether its session is still there.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import psutil
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit import runtime

from complex_lstm import __version__
from complex_lstm.data.containers import MAX_BYTES
from complex_lstm.disk import size_of
from complex_lstm.model.device import device_name, pick_device
from complex_lstm.ui.compute.jobs import job_queue
from complex_lstm.ui.compute.limits import resident_bytes
from complex_lstm.ui.compute.measures import REGISTRY
from complex_lstm.ui.compute.processes import processes
from complex_lstm.workspace import limit_bytes, root_folder

STARTED = time.time()
REMEASURED = 30  # seconds after which the files of the workspace are counted again
LEAST_MEMORY = 0.05  # of the machine's
UNCACHED = {"cache-control": "no-store"}


def health() -> dict[str, Any]:
    """Return the state of this process and its machine; all sizes are in bytes.

    `status` is "ok", or "degraded" where `problems` says what will go wrong next; pages are served in both.
    """
    memory, disk, pool = psutil.virtual_memory(), _disk(), processes()
    able = pool.ready if pool else []
    problems = [
        *(["less than one upload's room on the disk"] if disk["free_bytes"] < MAX_BYTES else []),
        *([] if disk["is_writable"] else ["the workspace cannot be written"]),
        *(["the workspace has reached its limit"] if 0 < disk["limit_bytes"] <= disk["workspace_bytes"] else []),
        *(["the memory is nearly full"] if memory.available < LEAST_MEMORY * memory.total else []),
    ]
    return {
        "status": "degraded" if problems else "ok",
        "problems": problems,
        "version": __version__,
        "uptime_seconds": round(time.time() - STARTED),
        "visitors": _visitors(),
        "queue": {"running": _jobs("running"), "waiting": _jobs("waiting"), "workers": job_queue().workers, "processes": len(able)},
        "memory": {
            "resident_bytes": resident_bytes(),
            "processes_bytes": sum(one.resident_bytes() for one in able),
            "available_bytes": memory.available,
            "total_bytes": memory.total,
        },
        "device": device_name(pick_device()),
        "disk": disk,
    }


def _visitors() -> int:
    """Return how many pages are connected."""
    return runtime.get_instance()._session_mgr.num_active_sessions() if runtime.exists() else 0


def _jobs(state: str) -> int:
    return sum(job.state == state for job in job_queue().under_way())


def _disk() -> dict[str, Any]:
    folder = root_folder()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return {
        "free_bytes": shutil.disk_usage(there).free,
        "workspace_bytes": _size_of(folder, int(time.monotonic() / REMEASURED)),
        "limit_bytes": limit_bytes(),
        "is_writable": os.access(there, os.W_OK),
    }


@lru_cache(maxsize=1)
def _size_of(folder: Path, _period: int) -> int:
    return size_of(folder)


class _Now:
    """What is read when somebody asks for it, of the same values as `/healthz`."""

    def collect(self) -> Iterator[Metric]:
        now = health()
        jobs = GaugeMetricFamily("complex_lstm_jobs", "Jobs under way.", labels=["state"])
        for state in ("running", "waiting"):
            jobs.add_metric([state], now["queue"][state])
        yield jobs
        for name, help_, value in (
            ("visitors", "Pages that are connected.", now["visitors"]),
            ("problems", "Problems that /healthz names.", len(now["problems"])),
            ("processes", "Processes that are ready to compute for jobs.", now["queue"]["processes"]),
            ("memory_resident_bytes", "Memory of this process.", now["memory"]["resident_bytes"]),
            ("memory_processes_bytes", "Memory of the processes that compute for jobs.", now["memory"]["processes_bytes"]),
            ("memory_available_bytes", "Memory that the machine has left.", now["memory"]["available_bytes"]),
            ("disk_free_bytes", "Room that the disk of the workspace has left.", now["disk"]["free_bytes"]),
            ("workspace_bytes", "What the workspace holds.", now["disk"]["workspace_bytes"]),
        ):
            yield GaugeMetricFamily(f"complex_lstm_{name}", help_, value=value)


_now = _Now()


def answer_health(request: Request) -> Response:
    """Answer `/healthz`. The status is 200 as long as this process serves pages."""
    return JSONResponse(health(), headers=UNCACHED)


def answer_metrics(request: Request) -> Response:
    """Answer `/metrics`, as OpenMetrics where it is asked for, else in Prometheus' own text."""
    encode, kind = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(REGISTRY), headers=UNCACHED, media_type=kind)


def answer_session(request: Request) -> Response:
    """Answer whether this process has the session that a page which connects again had: "here" or "gone"."""
    known = runtime.exists() and runtime.get_instance().is_active_session(request.headers.get("x-session", ""))
    return Response("here" if known else "gone", headers=UNCACHED, media_type="text/plain")


def health_routes(base: str) -> list[Route]:
    """Return these addresses below a base path. They are answered in threads: counting the workspace's files takes a moment."""
    if _now not in REGISTRY._collector_to_names:
        REGISTRY.register(_now)
    root = f"/{base.strip('/')}".rstrip("/")
    return [Route(f"{root}/healthz", answer_health), Route(f"{root}/metrics", answer_metrics), Route(f"{root}/session", answer_session)]
