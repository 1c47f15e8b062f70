-- rows: a page of the problems that a policy was asked, with how it did
SELECT e.problem_id, p.name, p.split, p.statement, e.n, e.n_verified, e.n_distinct, e.rate, e.difficulty,
    count(*) OVER () AS n_all
FROM explored e
JOIN explored_problems p USING (problem_id)
WHERE e.policy_id = $policy AND ($split = '' OR p.split = $split) AND ($difficulty = '' OR e.difficulty = $difficulty)
    AND ($text = '' OR contains(lower(p.name || ' ' || p.statement || ' ' || p.problem_id), lower($text)))
ORDER BY CASE $sort WHEN 'hardest' THEN e.rate WHEN 'easiest' THEN -e.rate WHEN 'diverse' THEN -e.n_distinct END,
    p.name, e.problem_id
LIMIT $limit OFFSET $offset;
