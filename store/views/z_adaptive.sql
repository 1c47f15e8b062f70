-- z_adaptive: Z_x where sampling stopped as soon as it was known well enough (`cli gen --until-…`)
-- grain: one row a (policy_id, problem_id): where the latest adaptive run ended; `stops` has those of other plans and seeds
-- columns: status: settled (the precision asked for is reached), spent (the budget came first)
--   n, n_verified: the samples that the decision rests on, those of sample_index 0 … n−1, and the verified of them
--   z_unbiased: its expectation is Z_x exactly (Girshick, Mosteller and Savage 1946; formula in train/stopping.py)
--   z: the pass rate n_verified / n. Biased, because n depends on the outcomes; the run record says by how much at worst.
--     So is `z` of the view partition, which counts every draw alike
--   z_low, z_high: the 95 % Jeffreys interval; its posterior does not depend on why sampling stopped
--   z_error: (z_high − z_low)/2; z_rel_error: (log z_high − log z_low)/2 in nats, NULL while nothing is verified
--   plan: JSON, the precision asked for and the looks
CREATE OR REPLACE VIEW z_adaptive AS
WITH latest AS (
    SELECT
        policy_id, problem_id,
        arg_max(
            struct_pack(
                status := status, n := n, n_verified := n_verified, z_unbiased := z_unbiased,
                plan_id := plan_id, plan := plan, sampling := sampling, seed := seed
            ),
            struct_pack(at := stopped_at, by := plan_id)
        ) AS stop
    FROM stops
    GROUP BY ALL
),
intervals AS (
    SELECT
        n, n_verified,
        CASE WHEN n_verified = 0 THEN 0 ELSE jeffreys_quantile(0.025, n_verified, n) END AS z_low,
        CASE WHEN n_verified = n THEN 1 ELSE jeffreys_quantile(0.975, n_verified, n) END AS z_high
    FROM (SELECT DISTINCT stop.n AS n, stop.n_verified AS n_verified FROM latest)
)
SELECT
    l.policy_id, l.problem_id, l.stop.status AS status, l.stop.n AS n, l.stop.n_verified AS n_verified,
    l.stop.z_unbiased AS z_unbiased, l.stop.n_verified / l.stop.n AS z, i.z_low, i.z_high,
    (i.z_high - i.z_low) / 2 AS z_error,
    CASE WHEN i.z_low > 0 THEN (ln(i.z_high) - ln(i.z_low)) / 2 END AS z_rel_error,
    l.stop.plan_id AS plan_id, l.stop.plan AS plan, l.stop.sampling AS sampling, l.stop.seed AS seed
FROM latest l
JOIN intervals i ON i.n = l.stop.n AND i.n_verified = l.stop.n_verified;
