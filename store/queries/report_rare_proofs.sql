-- rows: verified proofs that policy $policy_id found exactly once among all its draws, the least likely first
-- grain: one row a proof
-- columns: n draws of the problem, n_verified of them
-- units: log-probability in nats
WITH found AS (
    SELECT
        problem_id, any_value(name) AS name, any_value(header) AS header, any_value(statement) AS statement,
        any_value(completion) AS completion, any_value(logprob_policy) AS log_policy
    FROM corpus
    WHERE policy_id = $policy_id AND verified
    GROUP BY problem_id, coalesce(proof_hash, completion)
    HAVING count(*) = 1
)
SELECT f.name, f.statement, f.completion, f.log_policy, p.n, p.n_verified
FROM found f
JOIN partition p ON p.policy_id = $policy_id AND p.problem_id = f.problem_id
ORDER BY f.log_policy NULLS LAST, f.name, f.completion
LIMIT $how_many;
