"""The model on a GPU against the CPU: equal, how fast, and what happens where memory or processes are short.

`python -m benchmarks.gpu --out gpu.json` takes under six minutes on one card. `--device cpu --small` goes through the
same sections in seconds on a machine without a GPU: there everything is compared with itself.
"""
