"""The C library's heaps: threads share two, so that a visitor's run reuses what an earlier one has freed."""

import os
import platform
import subprocess
import sys

import pytest

SIXTEEN_THREADS = """
import ctypes, threading
from complex_lstm.ui.app.warm_up import limit_arenas

limit_arenas()
together = threading.Barrier(17)

def run():
    kept = bytearray(10_000)
    together.wait()
    together.wait()

for _ in range(16):
    threading.Thread(target=run, daemon=True).start()
together.wait()
ctypes.CDLL(None).malloc_info(0, ctypes.c_void_p.in_dll(ctypes.CDLL(None), "stdout"))
ctypes.CDLL(None).fflush(None)
together.wait()
"""


@pytest.mark.long
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
def test_sixteen_threads_share_two_heaps() -> None:
    own = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}

    done = subprocess.run([sys.executable, "-c", SIXTEEN_THREADS], env=own, capture_output=True, text=True)

    assert done.stdout.count("<heap nr=") == 2, done.stderr
