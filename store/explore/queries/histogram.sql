-- rows: how many problems have which pass rate, in bins a twentieth wide; the unsolved are a bin of their own (−1)
SELECT CASE WHEN e.n_verified = 0 THEN -1 ELSE least(floor(e.rate * 20), 19)::INTEGER END AS bin, e.difficulty,
    count(*) AS n
FROM explored e
JOIN explored_problems p USING (problem_id)
WHERE e.policy_id = $policy AND ($split = '' OR p.split = $split) AND ($difficulty = '' OR e.difficulty = $difficulty)
    AND ($text = '' OR contains(lower(p.name || ' ' || p.statement || ' ' || p.problem_id), lower($text)))
GROUP BY ALL
ORDER BY bin;
