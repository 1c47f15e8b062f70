-- rows: headers of the samples without a verdict of the checker $1, the most frequent first
-- grain: one row a header
SELECT p.header
FROM samples s
JOIN problems p USING (problem_id)
ANTI JOIN (SELECT sample_id FROM verdicts WHERE checker_id = $1) v ON v.sample_id = s.sample_id
GROUP BY p.header
ORDER BY count(*) DESC, p.header
LIMIT 5;
