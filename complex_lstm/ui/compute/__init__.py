"""Computations for the pages: caches shared by all visitors, and jobs that run in threads of their own."""
