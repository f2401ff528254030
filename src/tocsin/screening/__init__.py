"""The room screening."""
