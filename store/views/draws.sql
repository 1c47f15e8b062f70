-- draws: the samples that estimates rest on: judged, and really drawn (is_draw of judged)
-- grain: one row a sample
-- columns: log_policy = log π(y|x), log_sampler = log q(y|x) of the distribution drawn from
-- units: nats
CREATE OR REPLACE VIEW draws AS
SELECT sample_id, problem_id, policy_id, verified, logprob_policy AS log_policy, logprob_sampler AS log_sampler
FROM judged
WHERE is_draw;
