"""What a run of the filter did, for the screen and for the corpus's `runs/`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from filter.verdict import ALARMS, Verdict


@dataclass
class FilterSummary:
    """What a run did."""

    checker_id: str
    num_existing: int
    """Samples that had a verdict of this checker."""
    num_reused: int = 0
    """Samples whose proof was judged before, for another sample of the same problem."""
    verdicts: Counter[str] = field(default_factory=Counter)
    num_left: int = 0
    """Samples left without a verdict by a failure of ours."""
    num_audited: int = 0
    num_confirmed: int = 0
    """Accepted proofs that stood the second look, and those that did not."""
    num_unconfirmed: int = 0
    is_confirmed: bool = True
    """Whether accepted proofs had a second look."""
    disagreements: list[str] = field(default_factory=list)
    """Of the rejected proofs judged twice, those whose verdict changed; must be empty."""
    seconds: float = 0.0

    @property
    def num_judged(self) -> int:
        """Return how many samples got a verdict in this run."""
        return self.verdicts.total()

    def as_text(self) -> str:
        """Return what `cli filter` prints."""
        rate = self.num_judged / self.seconds if self.seconds else 0.0
        lines = [
            f"{self.num_judged:,} samples judged in {self.seconds:,.1f} s ({rate:,.0f}/s), "
            f"{self.num_existing:,} were before"
        ]
        lines += [f"  {verdict:<12} {count:>9,}" for verdict, count in self.verdicts.most_common()]
        if self.num_judged:
            lines.append(
                f"identical to a proof already judged: {self.num_reused:,}; "
                f"judged twice: {self.num_audited:,}, of which {len(self.disagreements)} differently"
            )
        if looked := self.num_confirmed + self.num_unconfirmed:
            lines.append(
                f"accepted proofs looked at again: {looked:,}, of which {self.num_unconfirmed:,} did not stand "
                f"({self.num_unconfirmed / looked:.2%})"
            )
        if self.verdicts[Verdict.VERIFIED] and not self.is_confirmed:
            lines.append("accepted by the server alone: --confirm names a Lean on this machine that looks again")
        alarms = sum(self.verdicts[alarm] for alarm in ALARMS)
        if alarms:
            kinds = ", ".join(f"'{alarm}'" for alarm in sorted(ALARMS))
            lines.append(
                f'ALARM: {alarms} samples deceived the first look: `cli sql "FROM corpus WHERE verdict IN ({kinds})"`'
            )
        return "\n".join(lines)
