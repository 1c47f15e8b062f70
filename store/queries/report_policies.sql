-- rows: policies with judged draws on split $split, base policies first, then as they were made
-- grain: one row a policy
-- columns: parent_policy_id and config (JSON) are NULL for a policy that nobody registered
SELECT d.policy_id, any_value(p.path) AS path, any_value(p.parent_policy_id) AS parent, any_value(p.config) AS config
FROM draws d
JOIN problems x USING (problem_id)
LEFT JOIN policies p ON p.policy_id = d.policy_id
WHERE x.split = $split
GROUP BY d.policy_id
ORDER BY any_value(p.parent_policy_id) IS NOT NULL, min(p.created_at), d.policy_id;
