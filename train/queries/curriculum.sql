-- curriculum: the problems of a round, the most informative first
-- grain: one row a problem
-- columns: problem_id
-- formula: never tried ones first, then by z (1 − z), z = (verified + ½)/(n + 1) over the draws of the newest round that
--   tried it; a problem is settled, and left out, when that round proved it in every one of at least 8 draws
-- parameters: $split, $policies (of this run so far), $round (this one), $limit (NULL: all), $seed, which orders ties
WITH tried AS (
    SELECT problem_id, round, count(*) AS n, count(*) FILTER (WHERE verified) AS n_verified
    FROM corpus
    WHERE list_contains($policies::VARCHAR[], policy_id) AND round < $round::INTEGER AND verdict IS NOT NULL
    GROUP BY ALL
),
newest AS (
    SELECT problem_id, arg_max(n, round) AS n, arg_max(n_verified, round) AS n_verified
    FROM tried
    GROUP BY ALL
)
SELECT problem_id
FROM (
    SELECT problem_id, n, n_verified, (n_verified + 0.5) / (n + 1) AS z
    FROM (SELECT DISTINCT problem_id FROM problems WHERE $split::VARCHAR IS NULL OR split = $split::VARCHAR)
    LEFT JOIN newest USING (problem_id)
)
WHERE n IS NULL OR n < 8 OR n_verified < n
ORDER BY n IS NOT NULL, z * (1 - z) DESC, md5(problem_id || $seed::VARCHAR || $round::VARCHAR)
LIMIT $limit::BIGINT;
