-- rows: what became of the samples in the relation wanted (sample_id)
-- grain: one row a problem with one of these samples
-- columns: n_drawn: those really drawn (an aborted one is no draw); n_judged: of these, with a verdict; n_verified;
--   n_bad: those whose statement itself does not elaborate
SELECT
    problem_id, count(*) AS n_drawn, count(verdict) AS n_judged, count(*) FILTER (WHERE verified) AS n_verified,
    count(*) FILTER (WHERE verdict = 'bad_problem') AS n_bad
FROM corpus
SEMI JOIN wanted USING (sample_id)
WHERE finish_reason <> 'abort'
GROUP BY problem_id;
