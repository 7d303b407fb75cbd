"""The frame around every page: router, bar, lesson, start of the server."""
