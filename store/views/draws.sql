-- draws: the samples that estimates rest on: judged, and really drawn: a prompt that did not fit is no draw, and neither
--   is a greedy sample (q(y) = 1), which stands for nothing but itself
-- grain: one row a sample
-- columns: log_policy = log π(y|x), log_sampler = log q(y|x) of the distribution drawn from
-- units: nats
CREATE OR REPLACE VIEW draws AS
SELECT sample_id, problem_id, policy_id, verified, logprob_policy AS log_policy, logprob_sampler AS log_sampler
FROM corpus
WHERE verdict IS NOT NULL AND verdict <> 'bad_problem' AND finish_reason <> 'abort'
    AND NOT coalesce(logprob_sampler = 0 AND logprob_policy < 0, false);
