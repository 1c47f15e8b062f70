"""The real Lean, started once a session."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from filter.embedded import embedded_toolchain
from filter.pool import LeanPool, PoolConfig
from filter.toolchain import Toolchain
from filter.verdict import Candidate


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return embedded_toolchain()


@pytest.fixture
def pool(toolchain: Toolchain) -> Iterator[LeanPool]:
    with LeanPool(toolchain, PoolConfig(workers=2, audit_share=0.0)) as opened:
        yield opened


def candidate(statement: str, completion: str, key: str = "") -> Candidate:
    """A candidate without header; the theorem's name is read off the statement."""
    found = re.search(r"theorem ([\w'.]+)", statement)
    assert found
    return Candidate(key or f"{statement}{completion}", "", found.group(1).rstrip("."), statement, completion)
