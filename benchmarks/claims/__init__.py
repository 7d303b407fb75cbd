"""What the architecture document states, tried in small training runs, for the page About: `python -m benchmarks.claims`."""
