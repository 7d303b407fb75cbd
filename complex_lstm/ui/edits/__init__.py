"""Edits of a window, kept in the session and in the link."""
