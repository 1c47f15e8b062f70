-- partition: the partition function Z_x, a policy's chance of proving problem x in one try
-- grain: one row a (policy_id, problem_id) with draws of x by that policy, or draws of others scored under it
-- columns: n, n_verified: its own draws, and those verified
--   z: the pass rate n_verified / n; NULL when the sampler was not the policy itself (temperature, truncation)
--   z_low, z_high: its 95 % Jeffreys interval, Beta(n_verified + ½, n − n_verified + ½); 0 and 1 at the ends
--   z_importance: mean of v·π/q over its draws and those of every policy that was scored under it, q the mixture of these
--     policies in proportion to their draws (balance heuristic); NULL when a score is missing, or when another policy of
--     the mixture was not sampled plainly
--   z_error: standard error of z_importance, the draws of each policy a stratum of their own; NULL for a single draw
--   ess: (Σ w)² / Σ w² of the weights w = π/q of z_importance, in samples
--   status: solved; unsolved: no verified draw, so no estimate; unknown: verified draws, but no way to weigh them
--   log_partition: solved: log of z_importance, of z where that is NULL; unsolved: the floor log 1e-4 (arXiv 2512.05962);
--     unknown: NULL
-- units: log_partition in nats
CREATE OR REPLACE VIEW partition AS
WITH counted AS MATERIALIZED (
    SELECT
        policy_id, problem_id, count(*) AS n, count(*) FILTER (WHERE verified) AS n_verified,
        -- samples imported as mere text count as plain: nothing says otherwise
        bool_and(CASE
            WHEN log_policy IS NULL AND log_sampler IS NULL THEN true
            ELSE coalesce(abs(log_sampler - log_policy) <= 1e-6 * greatest(1, abs(log_policy)), false)
        END) AS plain,
        sum(weight * verified::INTEGER) / count(*) AS z_own,
        var_samp(weight * verified::INTEGER) AS spread_own,
        sum(weight) ** 2 / nullif(sum(weight ** 2), 0) AS ess_own,
        count(weight) = count(*) AS all_known
    FROM (SELECT *, exp(log_policy - log_sampler) AS weight FROM draws)
    GROUP BY ALL
),
intervals AS (
    SELECT
        n, n_verified,
        CASE WHEN n_verified = 0 THEN 0 ELSE jeffreys_quantile(0.025, n_verified, n) END AS z_low,
        CASE WHEN n_verified = n THEN 1 ELSE jeffreys_quantile(0.975, n_verified, n) END AS z_high
    FROM (SELECT DISTINCT n, n_verified FROM counted)
),
scored AS MATERIALIZED (  -- scores of other policies' draws
    SELECT s.policy_id AS base_id, d.policy_id, d.problem_id, s.sample_id, s.logprob
    FROM scores s
    JOIN draws d ON d.sample_id = s.sample_id AND d.policy_id <> s.policy_id
),
components AS (  -- one row a (base, problem, policy whose draws an estimate for the base uses)
    SELECT
        base_id, problem_id, policy_id AS component_id, n AS n_component, n_verified, plain, z_own,
        spread_own, ess_own, all_known,
        sum(n) OVER (PARTITION BY base_id, problem_id) AS n_all,
        bool_and(policy_id = base_id) OVER (PARTITION BY base_id, problem_id) AS alone  -- no mixture, so no joins below
    FROM (
        SELECT policy_id AS base_id, policy_id, problem_id FROM counted
        UNION
        SELECT base_id, policy_id, problem_id FROM scored
    )
    JOIN counted USING (policy_id, problem_id)
),
mixed AS MATERIALIZED (  -- the draws of the mixtures: nothing below reads the others again
    SELECT * FROM draws
    SEMI JOIN (SELECT component_id AS policy_id, problem_id FROM components WHERE NOT alone) USING (policy_id, problem_id)
),
based AS (  -- one row a (base, draw that its estimate uses)
    SELECT
        c.base_id, c.n_all, d.problem_id, d.policy_id, d.sample_id, d.verified, d.log_sampler,
        CASE WHEN d.policy_id = c.base_id THEN d.log_policy ELSE s.logprob END AS log_base
    FROM components c
    JOIN mixed d ON d.policy_id = c.component_id AND d.problem_id = c.problem_id
    LEFT JOIN scored s ON s.sample_id = d.sample_id AND s.base_id = c.base_id
    WHERE NOT c.alone
),
known AS (  -- log-density of a draw under another policy of the mixture, if that was sampled plainly
    SELECT s.sample_id, s.base_id AS policy_id, s.logprob
    FROM scored s
    JOIN counted c ON c.policy_id = s.base_id AND c.problem_id = s.problem_id AND c.plain
),
ratios AS (  -- π/q = 1 / Σ_j (n_j/n) q_j/π; NULL as soon as one density is not known
    SELECT
        d.base_id, d.problem_id, d.policy_id, d.sample_id, any_value(d.verified) AS verified,
        CASE WHEN count(*) = count(log_density)
            THEN 1 / sum(other.n_component / d.n_all * exp(log_density - d.log_base)) END AS weight
    FROM based d
    JOIN components other ON other.base_id = d.base_id AND other.problem_id = d.problem_id
    LEFT JOIN known k ON k.sample_id = d.sample_id AND k.policy_id = other.component_id,
    LATERAL (SELECT CASE WHEN other.component_id = d.policy_id THEN d.log_sampler ELSE k.logprob END AS log_density)
    GROUP BY ALL
),
strata AS (  -- the draws of a component
    SELECT
        base_id, problem_id, policy_id, count(*) AS n, count(*) = count(weight) AS all_known, sum(weight) AS w,
        sum(weight ** 2) AS w2, sum(weight * verified::INTEGER) AS wv, sum((weight * verified::INTEGER) ** 2) AS wv2,
        var_samp(weight * verified::INTEGER) AS spread
    FROM ratios
    GROUP BY ALL
),
importance AS (
    SELECT
        base_id, problem_id, sum(wv) / sum(n) AS z_importance, sum(w) ** 2 / nullif(sum(w2), 0) AS ess,
        -- a component with a single draw has no variance of its own; that of all draws together is not smaller
        sqrt(CASE WHEN min(n) > 1 THEN sum(n * spread) / sum(n) ** 2
            ELSE greatest(0, sum(wv2) - sum(wv) ** 2 / sum(n)) / nullif(sum(n) - 1, 0) / sum(n) END) AS z_error
    FROM strata
    GROUP BY ALL
    HAVING bool_and(all_known)
    UNION ALL
    SELECT base_id, problem_id, z_own, ess_own, sqrt(spread_own / n_component)
    FROM components
    WHERE alone AND all_known
),
estimates AS (
    SELECT
        base_id AS policy_id, problem_id,
        coalesce(max(n_component) FILTER (WHERE component_id = base_id), 0) AS n,
        coalesce(max(n_verified) FILTER (WHERE component_id = base_id), 0) AS n_verified,
        coalesce(bool_and(plain) FILTER (WHERE component_id = base_id), false) AS plain,
        sum(n_verified) > 0 AS proved
    FROM components
    GROUP BY ALL
)
SELECT
    e.policy_id, e.problem_id, e.n, e.n_verified,
    CASE WHEN e.plain THEN e.n_verified / e.n END AS z,
    CASE WHEN e.plain THEN i.z_low END AS z_low,
    CASE WHEN e.plain THEN i.z_high END AS z_high,
    m.z_importance, m.z_error, m.ess,
    CASE WHEN NOT e.proved THEN 'unsolved' WHEN coalesce(m.z_importance, z, 0) > 0 THEN 'solved' ELSE 'unknown' END
        AS status,
    CASE status WHEN 'unsolved' THEN ln(1e-4) WHEN 'solved' THEN ln(coalesce(m.z_importance, z)) END AS log_partition
FROM estimates e
LEFT JOIN intervals i USING (n, n_verified)
LEFT JOIN importance m ON m.base_id = e.policy_id AND m.problem_id = e.problem_id;
