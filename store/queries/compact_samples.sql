-- rows: what other tables copy from their samples; NULL where the sample is not there
-- grain: one row a row of the relation waiting (sample_id, place), in order of place
SELECT s.problem_id AS sampled_problem, s.policy_id, s.policy_id AS sampled_by, s.round, s.finish_reason, s.logprob_policy, s.logprob_sampler
FROM waiting w
LEFT JOIN samples s USING (sample_id)
ORDER BY w.place;
