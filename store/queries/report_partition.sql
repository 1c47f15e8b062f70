-- rows: the partition function of every problem that policy $policy_id was sampled on
-- grain: one row a problem
-- columns: held_out: the problem is one of split $split
SELECT p.z, p.z_low, p.z_high, p.status, x.split = $split AS held_out
FROM partition p
JOIN problems x USING (problem_id)
WHERE p.policy_id = $policy_id AND p.z IS NOT NULL
ORDER BY p.problem_id;
