"""Asynchronous tests run on asyncio, by anyio's plugin."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio alone."""
    return "asyncio"
