-- scored: draws under a policy that did not draw them
-- grain: one row a (base_policy_id, sample_id), of the draws of other policies that were scored under the base
-- columns: log_base = log π_base(y|x); log_sampler = log q(y|x); verified = v(y, x)
-- units: nats
-- That is_draw stands beside the policies keeps it from the scan of the samples, whose size DuckDB would then take for a
--   fraction of what it is, and hold the samples in memory in place of the scores
CREATE OR REPLACE VIEW scored AS
SELECT
    s.policy_id AS base_policy_id, j.sample_id, j.problem_id, j.policy_id, j.verified, s.logprob AS log_base,
    j.logprob_sampler AS log_sampler
FROM scores s
JOIN judged j ON j.sample_id = s.sample_id AND CASE WHEN j.is_draw THEN j.policy_id <> s.policy_id ELSE false END;
