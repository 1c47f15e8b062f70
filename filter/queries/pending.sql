-- rows: samples without a verdict of the checker $1, problem by problem, identical completions together
-- grain: one row a sample
SELECT s.sample_id, s.problem_id, p.header, p.name, p.statement, s.completion, s.finish_reason, s.template
FROM samples s
JOIN problems p USING (problem_id)
ANTI JOIN (SELECT sample_id FROM verdicts WHERE checker_id = $1) v ON v.sample_id = s.sample_id
ORDER BY p.header, s.problem_id, s.completion, s.sample_id;
