-- rows: verified samples whose proofs' facts are not known, problem by problem, identical completions together
-- grain: one row a sample
SELECT c.sample_id, c.header, c.name, c.statement, c.completion, c.template
FROM corpus c
ANTI JOIN proof_facts f ON f.sample_id = c.sample_id
WHERE c.verified
ORDER BY c.header, c.problem_id, c.completion, c.sample_id;
