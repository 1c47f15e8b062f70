-- rows: judged samples of policy $policy_id on split $split by verdict, the most frequent first
SELECT verdict, count(*) AS n
FROM corpus
WHERE policy_id = $policy_id AND split = $split AND verdict IS NOT NULL
GROUP BY verdict
ORDER BY n DESC, verdict;
