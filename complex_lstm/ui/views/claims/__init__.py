"""The Claims page: what is counted, timed and followed, and what is found of each claim."""
