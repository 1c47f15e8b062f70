"""Give many theorems to the real Lean in one document, in plain `lean` runs, apart from the product's own checker."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from filter.embedded import embedded_toolchain

ALLOWED_AXIOMS = {"propext", "Classical.choice", "Quot.sound"}


def first_errors(proofs: Sequence[tuple[str, str]]) -> dict[int, str]:
    """What Lean says against each (statement, completion), by index; a proof without entry is right.

    Each theorem is renamed `t<index>` and asked for its axioms: a proof is right only if they are printed and standard.
    """
    toolchain = embedded_toolchain()
    lines = toolchain.preamble.splitlines()
    owner: dict[int, int] = {}
    for index, (statement, completion) in enumerate(proofs):
        assert statement.startswith("theorem t ")
        text = f"theorem t{index} {statement.removeprefix('theorem t ')}{completion}\n#print axioms t{index}"
        for line in text.splitlines():
            lines.append(line)
            owner[len(lines)] = index
    messages = _messages("\n".join(lines) + "\n", toolchain.command, dict(toolchain.env))
    errors = {owner[m["pos"]["line"]]: m["data"] for m in reversed(messages) if m["severity"] == "error"}
    answers = {owner[m["pos"]["line"]]: m["data"] for m in messages if m["severity"] == "information"}
    for index in range(len(proofs)):
        if not _is_clean(answers.get(index, "")):
            errors.setdefault(index, f"axioms: {answers.get(index)}")
    return errors


def _is_clean(answer: str) -> bool:
    if "does not depend on any axioms" in answer:
        return True
    listed = answer.partition("depends on axioms: [")[2].partition("]")[0]
    return bool(listed) and {axiom.strip() for axiom in listed.split(",")} <= ALLOWED_AXIOMS


def _messages(document: str, command: Sequence[str], env: dict[str, str]) -> list[dict]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "proofs.lean"
        file.write_text(document, encoding="utf-8")
        done = subprocess.run(
            [*command, "--json", "-DmaxErrors=1000000", str(file)],
            env=env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
