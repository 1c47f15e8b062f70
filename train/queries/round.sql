-- round: what a round of the loop brought
-- grain: one row
-- columns: judged draws, verified ones, problems with a verified one
-- parameters: $round, $policy_id
SELECT count(*), count(*) FILTER (WHERE verified), count(DISTINCT problem_id) FILTER (WHERE verified)
FROM corpus
WHERE round = $round::INTEGER AND policy_id = $policy_id::VARCHAR AND verdict IS NOT NULL;
