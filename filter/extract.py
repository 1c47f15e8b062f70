"""Which text of a completion is the proof."""

from __future__ import annotations

FENCE = "```"


def proof_text(completion: str) -> str:
    """Return the completion up to its first code fence, without trailing white space."""
    return completion.partition(FENCE)[0].rstrip()
