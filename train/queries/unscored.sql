-- unscored: the samples that one policy has not scored
-- grain: one row a sample, problem after problem
-- parameters: $policy_id (who scores); $split and $sampled_by (a list of policy_id), NULL selects everything; $verified:
--   only what Lean verified; $own: whether samples that this policy drew itself are wanted too; $statistics: whether a
--   score without token statistics is none
SELECT
    s.sample_id, s.problem_id, s.completion, s.token_ids, s.template, p.name, p.header, p.statement, p.informal
FROM samples s
JOIN problems p USING (problem_id)
ANTI JOIN (
    SELECT sample_id FROM scores WHERE policy_id = $policy_id::VARCHAR
    EXCEPT
    SELECT sample_id FROM scores WHERE policy_id = $policy_id::VARCHAR AND $statistics::BOOLEAN
        AND sample_id NOT IN (SELECT sample_id FROM token_stats WHERE policy_id = $policy_id::VARCHAR)
) known USING (sample_id)
WHERE ($own::BOOLEAN OR s.policy_id <> $policy_id::VARCHAR)
  AND ($split::VARCHAR IS NULL OR p.split = $split::VARCHAR)
  AND ($sampled_by::VARCHAR[] IS NULL OR list_contains($sampled_by::VARCHAR[], s.policy_id))
  AND (NOT $verified::BOOLEAN OR s.sample_id IN (SELECT sample_id FROM corpus WHERE verified))
  AND s.finish_reason <> 'abort'
ORDER BY s.problem_id, s.sample_id;
