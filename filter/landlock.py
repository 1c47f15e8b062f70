"""Linux's Landlock: a process gives up for good what it will not need, without being root. Only `ctypes` is imported.

After `restrict` it writes nowhere but beneath the folders named, starts no program, and, as far as the kernel is new
enough, uses no TCP and signals no process outside. Source: https://docs.kernel.org/userspace-api/landlock.html
"""

import ctypes
import os

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_ONLY, PATH_BENEATH = 1, 1
PR_SET_NO_NEW_PRIVS = 38
EXECUTE = 1 << 0
WRITES = sum(1 << bit for bit in (1, 4, 5, 6, 7, 8, 9, 10, 11, 12))
"""Write, remove and make files of every kind."""
SINCE_2, SINCE_3 = 1 << 13, 1 << 14
"""Move between folders; truncate."""
TCP, SCOPES = 0b11, 0b11
"""Bind and connect (since 4); abstract sockets and signals (since 6)."""


def version() -> int:
    """Return which version the kernel has, 0 if none."""
    return max(0, int(_libc().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_ONLY)))


def restrict(*writable: str) -> bool:
    """Give up everything but writing beneath these folders; return whether the kernel could."""
    libc, found = _libc(), version()
    if not found:
        return False
    handled = EXECUTE | WRITES | (SINCE_2 if found >= 2 else 0) | (SINCE_3 if found >= 3 else 0)
    attributes = (ctypes.c_uint64 * 3)(handled, TCP if found >= 4 else 0, SCOPES if found >= 6 else 0)
    rules = libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(24 if found >= 6 else 16 if found >= 4 else 8), 0)
    for folder in writable:
        opened = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        rule = (handled & ~EXECUTE).to_bytes(8, "little") + opened.to_bytes(4, "little")
        libc.syscall(ADD_RULE, rules, PATH_BENEATH, rule, 0)
        os.close(opened)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return bool(libc.syscall(RESTRICT_SELF, rules, 0) == 0)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
