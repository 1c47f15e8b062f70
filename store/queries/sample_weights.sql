-- rows: the α-weight of one sample for each policy that may be the base of the target; columns as in view weights
SELECT
    base_policy_id, coalesce((SELECT any_value(path) FROM policies y WHERE y.policy_id = base_policy_id), '') AS path,
    log_base, log_sampler, log_partition, log_target, log_ratio, weight
FROM importance_weight($alpha)
WHERE sample_id = $sample
ORDER BY base_policy_id;
