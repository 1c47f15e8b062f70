-- weights: what the α-weight of a sample is made of
-- grain: one row a (base_policy_id, sample_id): every draw whose log-probability under that base is known, its own draws
--   and those scored under it
-- columns: log_base = log π_base(y|x); log_sampler = log q(y|x); verified = v(y, x); log_partition = log Z_x;
--   log_target = log p(y|x) = log_base − log_partition, and log_ratio = log p − log q; both NULL where not verified (p = 0)
-- units: nats
-- formula: the static factor of the α-weight is v·exp((1 − α)·log_ratio) (arXiv 2512.05962); see importance_weight(alpha)
CREATE OR REPLACE VIEW weights AS
WITH based AS (
    SELECT policy_id AS base_policy_id, sample_id, problem_id, policy_id, verified, log_policy AS log_base, log_sampler
    FROM draws
    UNION ALL
    SELECT base_policy_id, sample_id, problem_id, policy_id, verified, log_base, log_sampler
    FROM scored
),
known AS (
    SELECT unnest(list(z), recursive := true)
    FROM (
        SELECT struct_pack(base_policy_id := policy_id, problem_id := problem_id, log_partition := log_partition) AS z
        FROM partition
    )
)
SELECT
    b.base_policy_id, b.sample_id, b.problem_id, b.policy_id, b.log_base, b.log_sampler, b.verified, z.log_partition,
    CASE WHEN b.verified THEN b.log_base - z.log_partition END AS log_target,
    CASE WHEN b.verified THEN b.log_base - z.log_partition - b.log_sampler END AS log_ratio
FROM based b
JOIN known z USING (base_policy_id, problem_id);
