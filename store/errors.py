"""The errors a user can cause. Each message says what was wrong, where, and what to do; `cli` prints it as one line."""

from __future__ import annotations


class RemainsError(Exception):
    """The run failed: exit code 1."""

    exit_code = 1


class UsageError(RemainsError):
    """The command was used wrongly (a flag out of range, a file that is no corpus): exit code 2, before work starts."""

    exit_code = 2


class CorpusError(RemainsError):
    """The corpus cannot be read or written: an unreadable shard, a newer schema, a full disk."""
