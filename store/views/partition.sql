-- partition: the partition function Z_x, a policy's chance of proving problem x in one try
-- grain: one row a (policy_id, problem_id) with draws of x by that policy
-- columns: n, n_verified: draws, and those verified
--   z: the pass rate n_verified / n; NULL when the sampler was not the policy itself (temperature, truncation)
--   z_low, z_high: its 95 % Jeffreys interval, Beta(n_verified + ½, n − n_verified + ½); 0 and 1 at the ends
--   z_importance: mean of v·π/q over the draws of every policy that was scored under this one, with q the even mixture of
--     their draws (balance heuristic); of this policy's own draws when nothing was scored; NULL when a score is missing
--   ess: (Σ w)² / Σ w² of the weights w = π/q of z_importance, in samples
--   status: solved, or unsolved: then there is no estimate, and log_partition is the floor
--   log_partition: log of z (of z_importance where z is NULL), at least log 1e-4 (arXiv 2512.05962), in nats
CREATE OR REPLACE VIEW partition AS
WITH counted AS (
    SELECT
        policy_id, problem_id, count(*) AS n, count(*) FILTER (WHERE verified) AS n_verified,
        coalesce(bool_and(abs(log_sampler - log_policy) < 1e-6), true) AS plain
    FROM draws
    GROUP BY ALL
),
intervals AS (
    SELECT
        n, n_verified,
        CASE WHEN n_verified = 0 THEN 0 ELSE jeffreys_quantile(0.025, n_verified, n) END AS z_low,
        CASE WHEN n_verified = n THEN 1 ELSE jeffreys_quantile(0.975, n_verified, n) END AS z_high
    FROM (SELECT DISTINCT n, n_verified FROM counted)
),
scored AS (  -- (base, problem, component): whose draws an estimate for base may use
    SELECT policy_id AS base_id, problem_id, policy_id AS component_id FROM counted
    UNION
    SELECT s.policy_id, d.problem_id, d.policy_id FROM scores s JOIN draws d USING (sample_id)
),
components AS (
    SELECT scored.*, c.n AS n_component, sum(c.n) OVER (PARTITION BY scored.base_id, scored.problem_id) AS n_all
    FROM scored
    JOIN counted c ON c.policy_id = scored.component_id AND c.problem_id = scored.problem_id
),
known AS (
    SELECT sample_id, policy_id, log_sampler AS log_density FROM draws
    UNION ALL
    SELECT sample_id, policy_id, any_value(logprob) FROM scores GROUP BY ALL
),
terms AS (  -- one row a (base, draw, component of the mixture)
    SELECT
        mine.base_id, mine.problem_id, d.sample_id, d.verified,
        CASE WHEN d.policy_id = mine.base_id THEN d.log_policy ELSE own.log_density END AS log_base,
        ln(other.n_component / other.n_all) + k.log_density AS log_term
    FROM components mine
    JOIN draws d ON d.policy_id = mine.component_id AND d.problem_id = mine.problem_id
    JOIN components other ON other.base_id = mine.base_id AND other.problem_id = mine.problem_id
    LEFT JOIN known k ON k.sample_id = d.sample_id AND k.policy_id = other.component_id
    LEFT JOIN known own ON own.sample_id = d.sample_id AND own.policy_id = mine.base_id
),
ratios AS (
    SELECT
        base_id, problem_id, sample_id, any_value(verified) AS verified,
        -- NULL as soon as one density is not known
        CASE WHEN count(*) = count(log_term)
            THEN exp(any_value(log_base) - max(log_term) - ln(sum(exp(log_term - m)))) END AS weight
    FROM (SELECT *, max(log_term) OVER (PARTITION BY base_id, sample_id) AS m FROM terms)
    GROUP BY ALL
),
importance AS (
    SELECT
        base_id AS policy_id, problem_id,
        CASE WHEN count(*) = count(weight) THEN sum(weight * verified::INTEGER) / count(*) END AS z_importance,
        CASE WHEN count(*) = count(weight) THEN sum(weight) ** 2 / sum(weight ** 2) END AS ess
    FROM ratios
    GROUP BY ALL
)
SELECT
    c.policy_id, c.problem_id, c.n, c.n_verified,
    CASE WHEN c.plain THEN c.n_verified / c.n END AS z,
    CASE WHEN c.plain THEN i.z_low END AS z_low,
    CASE WHEN c.plain THEN i.z_high END AS z_high,
    m.z_importance, m.ess,
    CASE WHEN c.n_verified > 0 THEN 'solved' ELSE 'unsolved' END AS status,
    ln(greatest(coalesce(CASE WHEN c.plain THEN c.n_verified / c.n END, m.z_importance, 0), 1e-4)) AS log_partition
FROM counted c
JOIN intervals i USING (n, n_verified)
LEFT JOIN importance m USING (policy_id, problem_id);
