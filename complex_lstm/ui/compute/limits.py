"""How much time and memory one computation may take, as the operator of a server says."""

from __future__ import annotations

import ctypes
import platform
from dataclasses import dataclass
from functools import lru_cache

import psutil

from complex_lstm.config.serving import served


@dataclass(frozen=True)
class JobLimits:
    """The seconds that a job may compute, and the bytes of memory of the server's process above which one ends; 0 is no limit."""

    seconds: float = 0.0
    bytes: int = 0

    @property
    def time_words(self) -> str:
        """What is said to whose job has taken too long."""
        return f"This took longer than the {self.seconds / 60:g} min that the server allows for one computation. Choose less to compute."

    @property
    def memory_words(self) -> str:
        """What is said to whose job has taken too much memory."""
        return f"The computations took more than the {self.bytes / 1e6:,.0f} MB that the server has for them. Choose less to compute."


NO_LIMITS = JobLimits()


def job_limits() -> JobLimits:
    """Return the limits that this server was started with."""
    told = served()
    return JobLimits(60.0 * told.jobs.minutes, told.jobs.memory_mb * 10**6) if told else NO_LIMITS


@lru_cache
def is_glibc() -> bool:
    """Return whether the C library is glibc."""
    return platform.libc_ver()[0] == "glibc"


def give_memory_back() -> None:
    """Have the C library give the pages that are free back to the system, where it is glibc."""
    if is_glibc():
        ctypes.CDLL(None).malloc_trim(0)


def resident_bytes() -> int:
    """Return the memory of this process."""
    return int(psutil.Process().memory_info().rss)
