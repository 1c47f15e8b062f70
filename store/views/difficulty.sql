-- difficulty: how hard each problem is for each policy, by its pass rate
-- grain: one row a (policy_id, problem_id) with judged draws of the policy
-- columns: n, n_verified; pass_rate = n_verified / n; difficulty: easy (≥ 0.9), medium (≥ 0.3), hard (> 0), unsolved
CREATE OR REPLACE VIEW difficulty AS
WITH rates AS (
    SELECT policy_id, problem_id, count(*) AS n, count(*) FILTER (WHERE verified) AS n_verified
    FROM draws
    GROUP BY policy_id, problem_id
)
SELECT
    policy_id, problem_id, n, n_verified, n_verified / n AS pass_rate,
    CASE
        WHEN n_verified >= 0.9 * n THEN 'easy' WHEN n_verified >= 0.3 * n THEN 'medium' WHEN n_verified > 0 THEN 'hard'
        ELSE 'unsolved'
    END AS difficulty
FROM rates;
