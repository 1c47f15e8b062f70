-- taking_part: the draws that can be learnt from
-- grain: one row a draw
-- parameters: $base (a policy_id), $split, $sampled_by (a list of policy_id); NULL selects everything
-- formula: the draws of a policy take part when it is the base or has been scored under it; then all of them do, verified
--   or not, because the trainer divides by their number
CREATE OR REPLACE TEMP TABLE taking_part AS
WITH partaking AS (
    SELECT policy_id FROM scored WHERE base_policy_id = $base::VARCHAR
    UNION
    SELECT $base::VARCHAR
)
SELECT d.sample_id, d.problem_id, d.policy_id, d.verified, s.round
FROM draws d
JOIN samples s USING (sample_id)
JOIN problems x ON x.problem_id = d.problem_id
WHERE ($split::VARCHAR IS NULL OR x.split = $split::VARCHAR)
  AND CASE
      WHEN $sampled_by::VARCHAR[] IS NULL THEN d.policy_id IN (SELECT policy_id FROM partaking)
      ELSE list_contains($sampled_by::VARCHAR[], d.policy_id)
  END;
