-- report_levels: what each round found on each problem
-- parameters: $split, the held-out problems, which no round learns from
-- grain: one row a (round, problem_id) with draws, all policies of the round together
SELECT c.round, c.problem_id, count(*) AS n, count(*) FILTER (WHERE c.verified) AS n_verified
FROM corpus c
SEMI JOIN draws USING (sample_id)
WHERE c.split <> $split
GROUP BY ALL
ORDER BY ALL;
