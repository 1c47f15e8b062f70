-- rows: verified samples for supervised fine-tuning, each problem's in an order drawn by $seed
-- the condition of --where is pasted by train/export.py, inside, where it cannot take a
--   condition back; with $dedup each proof of a problem stands once, its likeliest sample
WITH chosen AS (
    SELECT *, coalesce(proof_hash, completion) AS proof
    FROM (SELECT * FROM corpus WHERE {where})
    WHERE verified AND split = $split AND template = $template
),
once AS (
    SELECT * FROM chosen
    QUALIFY NOT $dedup OR row_number() OVER (PARTITION BY problem_id, proof ORDER BY logprob_policy DESC NULLS LAST, sample_id) = 1
)
SELECT
    problem_id, name, header, statement, source, completion, sample_id, policy_id, logprob_policy, proof_hash
FROM once
QUALIFY $per_problem IS NULL
    OR row_number() OVER (PARTITION BY problem_id ORDER BY md5(sample_id || $seed), sample_id) <= $per_problem
ORDER BY problem_id, sample_id;
