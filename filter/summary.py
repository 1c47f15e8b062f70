"""What a run of the filter did, for the screen and for the corpus's `runs/`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from filter.config import PoolCounts
from filter.verdict import ALARMS, Verdict


@dataclass
class FilterSummary:
    """What a run did."""

    checker_id: str
    num_existing: int
    """Samples that had a verdict of this checker."""
    verdicts: Counter[str] = field(default_factory=Counter)
    num_left: int = 0
    """Samples left without a verdict by a failure of ours."""
    counts: PoolCounts = field(default_factory=PoolCounts)
    is_confirmed: bool = True
    """Whether accepted proofs had a second look."""
    seconds: float = 0.0

    @property
    def num_judged(self) -> int:
        """Return how many samples got a verdict in this run."""
        return self.verdicts.total()

    def as_text(self) -> str:
        """Return what `cli filter` prints."""
        counts = self.counts
        rate = self.num_judged / self.seconds if self.seconds else 0.0
        lines = [
            f"{self.num_judged:,} samples judged in {self.seconds:,.1f} s ({rate:,.0f}/s), "
            f"{self.num_existing:,} were before"
        ]
        lines += [f"  {verdict:<12} {count:>9,}" for verdict, count in self.verdicts.most_common()]
        if self.num_judged:
            lines.append(
                f"identical to a proof already judged: {counts.num_reused:,}; "
                f"judged twice: {counts.num_audited:,}, of which {len(counts.disagreements)} differently"
            )
        if looked := counts.num_confirmed + counts.num_unconfirmed:
            lines.append(
                f"accepted proofs looked at again: {looked:,}, of which {counts.num_unconfirmed:,} did not stand "
                f"({counts.num_unconfirmed / looked:.2%})"
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
