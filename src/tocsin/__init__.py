"""Tocsin: an open anti-spam cooperation platform, after WTSA Resolution 52."""

__version__ = "0.1.0"
