"""What a restricted process can no longer do, tried by a real one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from filter.landlock import version

ROOT = Path(__file__).parents[2]
TRIES = """
import os, socket, sys
from filter.landlock import restrict
own, other, parent = sys.argv[1], sys.argv[2], os.getppid()
assert restrict(own)
open(os.path.join(own, "a"), "w").write("mine")
print(open(os.path.join(other, "there")).read())
for action in (
    lambda: open(os.path.join(other, "b"), "w"),
    lambda: os.remove(os.path.join(other, "there")),
    lambda: os.mkdir(os.path.join(other, "c")),
    lambda: os.execv("/bin/true", ["true"]),
    lambda: socket.create_connection(("127.0.0.1", 9), 1),
    lambda: os.kill(parent, 0),
):
    try:
        action()
        print("done")
    except OSError as error:
        print(error.errno)
"""


@pytest.mark.skipif(version() < 6, reason="the kernel has no Landlock of version 6")
def test_a_restricted_process_writes_to_its_folder_reads_and_does_nothing_else(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    own.mkdir()
    other.mkdir()
    (other / "there").write_text("readable")
    done = subprocess.run(
        [sys.executable, "-c", TRIES, str(own), str(other)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["readable", "13", "13", "13", "13", "13", "1"]
    assert (own / "a").read_text() == "mine"
    assert sorted(each.name for each in other.iterdir()) == ["there"]
