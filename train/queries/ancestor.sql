-- ancestor: the policy that a policy descends from through all its trainings; itself when nothing is known of its parent
-- grain: one row
-- parameters: $policy_id
WITH RECURSIVE line AS (
    SELECT $policy_id::VARCHAR AS policy_id, 0 AS depth
    UNION
    SELECT p.parent_policy_id, line.depth + 1
    FROM line
    JOIN policies p USING (policy_id)
    WHERE p.parent_policy_id IS NOT NULL AND line.depth < 10000
)
SELECT policy_id FROM line ORDER BY depth DESC LIMIT 1;
