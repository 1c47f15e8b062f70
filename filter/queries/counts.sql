-- one row: samples with and without a verdict of the checker $1
SELECT count(*) FILTER (WHERE judged) AS n_judged, count(*) FILTER (WHERE NOT judged) AS n_pending
FROM (
    SELECT s.sample_id IN (SELECT sample_id FROM verdicts WHERE checker_id = $1) AS judged
    FROM samples s
    JOIN problems p USING (problem_id)
);
