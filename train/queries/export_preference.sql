-- rows: a verified and a rejected sample of the same problem; each sample and, with $dedup, each text stands in one pair
-- rejected: what Lean found wrong, that a token of it is not allowed, or that it is no whole proof. A proof that ran out
--   of time or memory may be right, and is in no pair
WITH judged AS (
    SELECT * FROM (SELECT * FROM corpus WHERE {where})
    WHERE split = $split AND template = $template
        AND (verified OR verdict IN ('error', 'sorry', 'axiom', 'mismatch', 'policy', 'empty', 'cut', 'too_long'))
),
once AS (
    SELECT * FROM judged
    QUALIFY NOT $dedup OR row_number() OVER (
        PARTITION BY problem_id, verified, CASE WHEN verified THEN coalesce(proof_hash, completion) ELSE completion END
        ORDER BY logprob_policy DESC NULLS LAST, sample_id
    ) = 1
),
numbered AS (
    SELECT *, row_number() OVER (PARTITION BY problem_id, verified ORDER BY md5(sample_id || $seed), sample_id) AS number
    FROM once
)
SELECT
    c.problem_id, c.name, c.header, c.statement, c.source, c.completion AS chosen, r.completion AS rejected,
    c.sample_id AS chosen_id, r.sample_id AS rejected_id, c.policy_id AS chosen_policy_id,
    r.policy_id AS rejected_policy_id, c.logprob_policy AS chosen_logprob, r.logprob_policy AS rejected_logprob,
    r.verdict AS rejected_verdict, r.detail AS rejected_detail
FROM numbered c
JOIN numbered r ON r.problem_id = c.problem_id AND r.number = c.number AND c.verified AND NOT r.verified
WHERE $per_problem IS NULL OR c.number <= $per_problem
ORDER BY c.problem_id, c.sample_id;
