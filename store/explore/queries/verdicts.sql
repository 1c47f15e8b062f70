-- rows: one problem's samples by verdict
SELECT coalesce(c.verdict, 'waiting') AS named, count(*) AS n
FROM corpus c
WHERE $policy = '' OR c.policy_id = $policy
GROUP BY named
ORDER BY named <> 'verified', n DESC, named;
