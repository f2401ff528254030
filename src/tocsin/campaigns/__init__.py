"""Campaigns: reports of the same thing brought together, in every script, while they come in."""
