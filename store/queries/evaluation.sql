-- rows: what an evaluation counts, problem by problem
-- grain: one row a problem of split $split with judged draws of policy $policy_id
-- columns: n draws, n_verified, n_distinct verified proofs, n_cut draws cut at the length limit
SELECT
    problem_id, count(*) AS n, count(*) FILTER (WHERE verified) AS n_verified,
    count(DISTINCT coalesce(proof_hash, completion)) FILTER (WHERE verified) AS n_distinct,
    count(*) FILTER (WHERE finish_reason = 'length') AS n_cut
FROM corpus
JOIN draws USING (sample_id, problem_id, policy_id, verified)
WHERE policy_id = $policy_id AND split = $split
GROUP BY problem_id
ORDER BY problem_id;
