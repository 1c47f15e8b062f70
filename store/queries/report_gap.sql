-- report_gap: how far the sampler's log-probabilities are from the trainer's
-- grain: one row a policy of $policy_ids that has scored samples of its own; columns and units as in sampler_gap
FROM sampler_gap
WHERE list_contains($policy_ids::VARCHAR[], policy_id);
