"""Judging messages: a pure function over a batch and a read-only snapshot."""
