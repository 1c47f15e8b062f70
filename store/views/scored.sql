-- scored: draws under a policy that did not draw them
-- grain: one row a (base_policy_id, sample_id), of the draws of other policies that were scored under the base
-- columns: log_base = log π_base(y|x); log_sampler = log q(y|x); verified = v(y, x)
-- units: nats
-- list() tells DuckDB which side of a join is short: that one it is to hold in memory
CREATE OR REPLACE VIEW scored AS
WITH tried AS (
    SELECT unnest(list(DISTINCT problem_id)) AS problem_id FROM named_scores WHERE sampled_by <> policy_id
)
SELECT
    s.policy_id AS base_policy_id, d.sample_id, d.problem_id, d.policy_id, d.verified, s.logprob AS log_base, d.log_sampler
FROM named_scores s
JOIN (FROM draws SEMI JOIN tried USING (problem_id)) d USING (sample_id)
WHERE s.sampled_by <> s.policy_id;
