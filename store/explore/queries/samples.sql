-- rows: a page of one problem's samples, with their weights for one base policy
SELECT c.sample_id, c.policy_id, c.verdict, c.verified, c.detail, c.completion, c.finish_reason, c.logprob_policy,
    w.weight, count(*) OVER () AS n_all
FROM corpus c
LEFT JOIN (SELECT sample_id, weight FROM importance_weight($alpha) WHERE base_policy_id = $base) w USING (sample_id)
WHERE ($policy = '' OR c.policy_id = $policy) AND ($verdict = '' OR coalesce(c.verdict, 'waiting') = $verdict)
ORDER BY CASE $sort WHEN 'weight' THEN -w.weight WHEN 'unlikely' THEN c.logprob_policy WHEN 'likely'
    THEN -c.logprob_policy END NULLS LAST, NOT c.verified, c.verdict, c.sample_id
LIMIT $limit OFFSET $offset;
