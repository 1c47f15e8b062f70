-- z_shrunk: pass rates drawn towards the policy's mean, for problems with few samples
-- grain: one row a (policy_id, problem_id) whose z in `partition` is known
-- columns: z: the pass rate; z_shrunk: the mean of Beta(a + n_verified, b + n − n_verified), never 0 or 1; a, b: the prior
--   Beta(a, b) that the policy's other problems suggest (empirical Bayes); NULL, and z_shrunk = z, where they do not differ
--   more than chance alone makes them, or the policy has fewer than two problems with two draws or more
-- formula: method of moments over problems with n ≥ 2: m = mean of z; the variance between problems is
--   τ² = variance of z − mean of z(1 − z)/(n − 1); then a + b = m(1 − m)/τ² − 1 and a = m(a + b)
CREATE OR REPLACE VIEW z_shrunk AS
WITH rates AS (
    SELECT policy_id, problem_id, n, n_verified, z FROM partition WHERE z IS NOT NULL
),
moments AS (
    SELECT
        policy_id, avg(z) AS m,
        var_samp(z) - avg(z * (1 - z) / (n - 1)) AS between_problems
    FROM rates
    WHERE n >= 2
    GROUP BY policy_id
    HAVING count(*) >= 2
),
priors AS (
    SELECT policy_id, m, m * (1 - m) / between_problems - 1 AS strength
    FROM moments
    WHERE between_problems > 0
)
SELECT
    r.policy_id, r.problem_id, r.n, r.n_verified, r.z, m * strength AS a, (1 - m) * strength AS b,
    coalesce((m * strength + r.n_verified) / (strength + r.n), r.z) AS z_shrunk
FROM rates r
LEFT JOIN priors p ON p.policy_id = r.policy_id AND p.strength > 0;
