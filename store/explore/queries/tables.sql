-- What the pages need at once, counted when the corpus is opened; the samples themselves stay in their files.
-- explored_samples: which problem a sample belongs to
-- explored_problems: one row a problem
-- explored: one row a (policy_id, problem_id): as in difficulty, with n_distinct verified proofs, as in diversity
CREATE TABLE explored_samples AS SELECT sample_id, problem_id FROM samples;
CREATE TABLE explored_problems AS SELECT problem_id, name, split, source, statement FROM problems;
CREATE TABLE explored AS
SELECT
    d.policy_id, d.problem_id, d.n, d.n_verified, coalesce(p.n_distinct, 0) AS n_distinct, d.pass_rate AS rate, d.difficulty
FROM difficulty d
LEFT JOIN diversity p USING (policy_id, problem_id);
CREATE TABLE explored_policies AS
SELECT e.policy_id, sum(e.n)::BIGINT AS n, sum(e.n_verified)::BIGINT AS n_verified, any_value(p.path) AS path,
    any_value(p.parent_policy_id) AS parent
FROM explored e
LEFT JOIN (SELECT policy_id, any_value(path) AS path, any_value(parent_policy_id) AS parent_policy_id FROM policies
    GROUP BY policy_id) p USING (policy_id)
GROUP BY e.policy_id
ORDER BY parent NULLS FIRST, n DESC, e.policy_id;
