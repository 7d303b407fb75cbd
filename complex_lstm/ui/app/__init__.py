"""The frame around every page: router, sidebar, lesson, start of the server."""
