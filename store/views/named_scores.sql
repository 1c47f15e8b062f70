-- named_scores: scores with problem and policy of the sample
-- grain: one row a (sample_id, policy_id), as in scores, where the sample is there
-- columns: policy_id: who scored; sampled_by: who sampled. Compacted scores hold both; for the others they are looked up
CREATE OR REPLACE VIEW named_scores AS
SELECT sample_id, policy_id, sampled_problem AS problem_id, sampled_by, logprob
FROM scores
WHERE sampled_by IS NOT NULL
UNION ALL
SELECT s.sample_id, s.policy_id, d.problem_id, d.policy_id, s.logprob
FROM scores s
JOIN samples d ON d.sample_id = s.sample_id
WHERE s.sampled_by IS NULL;
