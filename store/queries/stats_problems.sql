-- rows: problems by split, and how many have a verified proof
SELECT p.split, count(DISTINCT p.problem_id) AS n, count(DISTINCT p.problem_id) FILTER (WHERE c.verified) AS n_solved
FROM problems p
LEFT JOIN corpus c USING (problem_id)
GROUP BY p.split
ORDER BY p.split;
