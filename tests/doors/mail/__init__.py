"""Tests of the mail doors."""
