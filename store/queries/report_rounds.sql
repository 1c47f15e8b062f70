-- report_rounds: judged samples by round and verdict, where the corpus has more than one round
-- parameters: $split, the held-out problems, which no round learns from
-- grain: one row a (round, verdict)
WITH counted AS (
    SELECT round, verdict, count(*) AS n
    FROM corpus
    WHERE verdict IS NOT NULL AND split <> $split
    GROUP BY round, verdict
)
SELECT round, verdict, n
FROM counted
WHERE (SELECT count(DISTINCT round) FROM counted) > 1
ORDER BY round, n DESC, verdict;
