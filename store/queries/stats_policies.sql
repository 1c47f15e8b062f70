-- rows: samples by policy and split; share_verified in percent of those judged
SELECT
    c.policy_id, coalesce(any_value(parse_filename(y.path)), '-') AS folder, c.split, count(*) AS n,
    count(DISTINCT c.problem_id) AS n_problems, count(DISTINCT c.problem_id) FILTER (WHERE c.verified) AS n_solved,
    coalesce(printf('%.1f %%', 100 * count(*) FILTER (WHERE c.verified) / nullif(count(c.verdict), 0)), '-') AS verified,
    count(*) FILTER (WHERE c.verdict IS NULL) AS n_waiting
FROM corpus c
LEFT JOIN (SELECT policy_id, any_value(path) AS path FROM policies GROUP BY policy_id) y USING (policy_id)
GROUP BY c.policy_id, c.split
ORDER BY min(c.created_at), c.split;
