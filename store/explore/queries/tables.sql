-- What the pages need at once, counted when the corpus is opened; the samples themselves stay in their files.
-- explored_draws: what is counted of every judged draw; dropped when it is counted
-- explored_samples: which problem a sample belongs to
-- explored_problems: one row a problem
-- explored: one row a (policy_id, problem_id): n judged draws, n_verified, n_distinct verified proofs, pass rate,
--   difficulty: easy (≥ .9), medium (≥ .3), hard (> 0), unsolved
CREATE TABLE explored_draws AS
SELECT c.sample_id, c.problem_id, c.policy_id, c.verified, coalesce(c.proof_hash, c.completion) AS proof
FROM corpus c
WHERE c.verdict IS NOT NULL AND c.verdict <> 'bad_problem' AND c.finish_reason <> 'abort';
CREATE TABLE explored_samples AS SELECT sample_id, problem_id FROM samples;
CREATE TABLE explored_problems AS SELECT problem_id, name, split, source, statement FROM problems;
CREATE TABLE explored AS
SELECT
    d.policy_id, d.problem_id, count(*) AS n, count(*) FILTER (WHERE d.verified) AS n_verified,
    count(DISTINCT d.proof) FILTER (WHERE d.verified) AS n_distinct, n_verified / n AS rate,
    CASE WHEN rate >= 0.9 THEN 'easy' WHEN rate >= 0.3 THEN 'medium' WHEN rate > 0 THEN 'hard' ELSE 'unsolved' END
        AS difficulty
FROM explored_draws d
GROUP BY d.policy_id, d.problem_id;
CREATE TABLE explored_policies AS
SELECT d.policy_id, count(*) AS n, count(*) FILTER (WHERE d.verified) AS n_verified, any_value(p.path) AS path,
    any_value(p.parent_policy_id) AS parent
FROM explored_draws d
LEFT JOIN policies p USING (policy_id)
GROUP BY d.policy_id
ORDER BY parent NULLS FIRST, n DESC, d.policy_id;
DROP TABLE explored_draws;
