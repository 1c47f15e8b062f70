"""Many small theorems in one document for the embedded Lean, in a plain `lean` run apart from the product's own checker."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from filter.embedded import embedded_toolchain
from filter.toolchain import STANDARD_AXIOMS

Message = dict[str, str]


def messages_by_line(document: str, *options: str) -> dict[int, list[Message]]:
    """What Lean says of a document that follows the preamble; lines count from 1 in `document`."""
    toolchain = embedded_toolchain()
    offset = toolchain.preamble.count("\n")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "document.lean"
        file.write_text(toolchain.preamble + document, encoding="utf-8")
        done = subprocess.run(
            [*toolchain.command, "-DmaxErrors=0", *options, "--json", str(file)],
            env=dict(toolchain.env),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode in (0, 1), done.stderr[-2000:]
    found: dict[int, list[Message]] = {}
    for line in done.stdout.splitlines():
        message = json.loads(line)
        found.setdefault(message["pos"]["line"] - offset, []).append(message)
    return found


def accepted(theorems: Sequence[str], *options: str) -> list[bool]:
    """For each `(binders) : statement := proof`: no error, and axioms printed that are all standard."""
    lines: list[str] = []
    spans = []
    for index, theorem in enumerate(theorems):
        start = len(lines) + 1
        lines += [
            f"namespace N{index}",
            *f"theorem it {theorem}".splitlines(),
            f"end N{index}",
            f"#print axioms N{index}.it",
        ]
        spans.append((start, len(lines)))
    said = messages_by_line("\n".join(lines) + "\n", *options)
    return [_is_proved(said, start, end) for start, end in spans]


def _is_proved(said: dict[int, list[Message]], start: int, end: int) -> bool:
    before = [message for line in range(start, end) for message in said.get(line, [])]
    answers = [message["data"] for message in said.get(end, []) if message["severity"] == "information"]
    if any(message["severity"] == "error" for message in before) or len(answers) != 1:
        return False
    return axioms_in(answers[0]) <= STANDARD_AXIOMS


def axioms_in(answer: str) -> set[str]:
    """The axioms that an answer of `#print axioms` lists."""
    if answer.endswith("does not depend on any axioms"):
        return set()
    (listed,) = re.findall(r"depends on axioms: \[(.*)\]$", answer, re.DOTALL)
    return {name.strip() for name in listed.split(",")}
