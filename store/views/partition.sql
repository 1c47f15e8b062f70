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
WITH counted AS MATERIALIZED (  -- n_known, w, w2, wv, wv2: the sums that an estimate on a policy's own draws needs
    SELECT
        policy_id, problem_id, count(*) AS n, count(*) FILTER (WHERE verified) AS n_verified,
        -- samples imported as mere text count as plain: nothing says otherwise
        bool_and(CASE
            WHEN log_policy IS NULL AND log_sampler IS NULL THEN true
            ELSE coalesce(abs(log_sampler - log_policy) <= 1e-6 * greatest(1, abs(log_policy)), false)
        END) AS plain,
        count(weight) AS n_known, sum(weight) AS w, sum(weight * weight) AS w2,
        sum(weight * verified::INTEGER) AS wv, sum(weight * weight * verified::INTEGER) AS wv2
    FROM (SELECT *, exp(log_policy - log_sampler) AS weight FROM draws)
    GROUP BY policy_id, problem_id
),
intervals AS (
    SELECT
        n, n_verified,
        CASE WHEN n_verified = 0 THEN 0 ELSE jeffreys_quantile(0.025, n_verified, n) END AS z_low,
        CASE WHEN n_verified = n THEN 1 ELSE jeffreys_quantile(0.975, n_verified, n) END AS z_high
    FROM (SELECT DISTINCT n, n_verified FROM counted)
),
scored_problems AS (  -- through list(), which tells DuckDB that this is the short side of a join
    SELECT unnest(list(DISTINCT problem_id)) AS problem_id FROM named_scores WHERE sampled_by <> policy_id
),
mixed AS MATERIALIZED (  -- the draws that may be in a mixture: nothing below reads the others again
    FROM draws SEMI JOIN scored_problems USING (problem_id)
),
others AS MATERIALIZED (  -- one row a (base, draw of another policy scored under it)
    SELECT
        s.policy_id AS base_id, d.policy_id, d.problem_id, d.sample_id, d.verified, s.logprob AS log_base, d.log_sampler
    FROM named_scores s
    JOIN mixed d USING (sample_id)
    WHERE s.sampled_by <> s.policy_id
),
mixtures AS MATERIALIZED (
    SELECT base_id, problem_id FROM others GROUP BY ALL
),
components AS MATERIALIZED (  -- one row a (base, problem, policy whose draws an estimate for the base uses)
    SELECT base_id, problem_id, policy_id, n, n_verified, plain
    FROM (
        SELECT base_id, problem_id, policy_id FROM others GROUP BY ALL
        UNION ALL
        SELECT base_id, problem_id, base_id FROM mixtures
    )
    JOIN counted USING (policy_id, problem_id)
),
pools AS MATERIALIZED (  -- n_base: the base's own draws, NULL where it has none or they were not plain
    SELECT
        base_id, problem_id, count(*) AS n_components, sum(n) AS n_all, sum(n_verified) AS n_verified,
        max(n) FILTER (WHERE policy_id = base_id AND plain) AS n_base
    FROM components
    GROUP BY ALL
),
based AS MATERIALIZED (  -- one row a (base, draw of a component)
    FROM others
    UNION ALL
    SELECT d.policy_id, d.policy_id, d.problem_id, d.sample_id, d.verified, d.log_policy, d.log_sampler
    FROM mixed d
    SEMI JOIN mixtures m ON m.base_id = d.policy_id AND m.problem_id = d.problem_id
),
third AS (  -- one row a (base, draw, component that is neither): its log-density there, where that was sampled plainly
    SELECT c.base_id, o.sample_id, c.n, o.log_base AS log_density
    FROM others o
    JOIN components c ON c.policy_id = o.base_id AND c.problem_id = o.problem_id AND c.plain AND c.base_id <> o.base_id
),
elsewhere AS (
    SELECT b.base_id, b.sample_id, count(*) AS n_known, sum(t.n * exp(t.log_density - b.log_base)) AS ratio
    FROM third t
    JOIN based b USING (base_id, sample_id)
    GROUP BY ALL
),
ratios AS (  -- π/q = 1 / Σ_j (n_j/n) q_j/π; NULL as soon as one density is not known
    SELECT
        b.base_id, b.problem_id, b.policy_id, b.verified, c.n,
        CASE WHEN b.policy_id <> b.base_id THEN p.n_base END AS n_there,  -- the base's own component: density ratio 1
        CASE WHEN p.n_components = 1 + (n_there IS NOT NULL)::INTEGER + coalesce(e.n_known, 0)
            THEN p.n_all / (c.n * exp(b.log_sampler - b.log_base) + coalesce(n_there, 0) + coalesce(e.ratio, 0))
        END AS weight
    FROM based b
    JOIN pools p USING (base_id, problem_id)
    JOIN components c USING (base_id, problem_id, policy_id)
    LEFT JOIN elsewhere e USING (base_id, sample_id)
),
strata AS (  -- the draws of a component
    SELECT
        base_id, problem_id, policy_id, n, count(weight) = n AS all_known, sum(weight) AS w,
        sum(weight * weight) AS w2, sum(weight * verified::INTEGER) AS wv,
        sum(weight * weight * verified::INTEGER) AS wv2, var_samp(weight * verified::INTEGER) AS spread
    FROM ratios
    GROUP BY base_id, problem_id, policy_id, n
),
importance AS (
    SELECT
        base_id AS policy_id, problem_id, sum(wv) / sum(n) AS z_importance, sum(w) ** 2 / nullif(sum(w2), 0) AS ess,
        -- a component with a single draw has no variance of its own; that of all draws together is not smaller
        sqrt(CASE WHEN min(n) > 1 THEN sum(n * spread) / sum(n) ** 2
            ELSE greatest(0, sum(wv2) - sum(wv) ** 2 / sum(n)) / nullif(sum(n) - 1, 0) / sum(n) END) AS z_error
    FROM strata
    GROUP BY ALL
    HAVING bool_and(all_known)
    UNION ALL
    SELECT
        policy_id, problem_id, wv / n, w ** 2 / nullif(w2, 0),
        sqrt(greatest(0, wv2 - wv ** 2 / n) / nullif(n - 1, 0) / n)
    FROM counted c
    ANTI JOIN mixtures m ON m.base_id = c.policy_id AND m.problem_id = c.problem_id
    WHERE n_known = n
),
estimates AS (
    SELECT policy_id, problem_id, n, n_verified, plain, n_verified > 0 AS proved
    FROM counted c
    ANTI JOIN mixtures m ON m.base_id = c.policy_id AND m.problem_id = c.problem_id
    UNION ALL
    SELECT
        p.base_id, p.problem_id, coalesce(c.n, 0), coalesce(c.n_verified, 0), coalesce(c.plain, false), p.n_verified > 0
    FROM pools p
    LEFT JOIN counted c ON c.policy_id = p.base_id AND c.problem_id = p.problem_id
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
LEFT JOIN importance m USING (policy_id, problem_id);
