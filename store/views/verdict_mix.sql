-- verdict_mix: what became of each round's samples
-- grain: one row a (round, policy_id, verdict)
-- columns: verdict: 'waiting' for samples that have none yet; n; share: of the samples of that round and policy
CREATE OR REPLACE VIEW verdict_mix AS
WITH counted AS (
    SELECT s.round, s.policy_id, coalesce(j.verdict, 'waiting') AS verdict, count(*) AS n
    FROM samples s
    LEFT JOIN judged j USING (sample_id)
    GROUP BY ALL
)
SELECT round, policy_id, verdict, n, n / sum(n) OVER (PARTITION BY round, policy_id) AS share
FROM counted
ORDER BY round, policy_id, verdict;
