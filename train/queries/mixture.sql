-- mixture: what the trainer learns from when draws of several policies are taken together
-- grain: one row a problem and distinct verified completion, as in rows.sql
-- columns: n_samples counts the draws of the problem that take part, verified or not; log_base = log π_base(y|x) and
--   log_sampler = log q(y|x) of each draw; log_partition = log Z_x; NULL where a score is missing
-- units: nats
-- formula: q(y|x) = Σ_k n_k/n π_k(y|x), the policies in proportion to their n_k draws of x (the balance heuristic);
--   Z_x = 1/n Σ v π_base/q over the draws of the z lists, with a q of their own. Both are right for plain samplers
-- parameters: $base (a policy_id); $rounds with $policies and $z_rounds with $z_policies: lists of the same length that say
--   round and policy_id of the draws that take part; $split (NULL: every one)
WITH pools AS (
    SELECT 'rows' AS pool, unnest($rounds::INTEGER[]) AS round, unnest($policies::VARCHAR[]) AS policy_id
    UNION ALL
    SELECT 'z', unnest($z_rounds::INTEGER[]), unnest($z_policies::VARCHAR[])
),
drawn AS MATERIALIZED (
    SELECT pool, sample_id, problem_id, policy_id, verified, logprob_policy
    FROM corpus
    JOIN pools USING (round, policy_id)
    WHERE ($split::VARCHAR IS NULL OR split = $split::VARCHAR)
      AND verdict IS NOT NULL AND verdict <> 'bad_problem' AND finish_reason <> 'abort'
),
counted AS (
    SELECT pool, problem_id, policy_id, count(*) AS n FROM drawn GROUP BY ALL
),
shares AS (
    SELECT *, sum(n) OVER (PARTITION BY pool, problem_id) AS n_all FROM counted
),
proofs AS MATERIALIZED (
    SELECT DISTINCT sample_id, problem_id, policy_id, logprob_policy FROM drawn WHERE verified
),
density AS MATERIALIZED (
    SELECT sample_id, policy_id, logprob_policy AS log_density FROM proofs
    UNION ALL
    SELECT s.sample_id, s.policy_id, any_value(s.logprob)
    FROM scores s
    JOIN proofs p ON p.sample_id = s.sample_id AND p.policy_id <> s.policy_id
    GROUP BY ALL
),
terms AS (  -- one row a (pool, proof, policy of the pool that drew the problem)
    SELECT c.pool, p.problem_id, p.sample_id, c.n_all, ln(c.n / c.n_all) + d.log_density AS log_term
    FROM drawn p
    JOIN shares c ON c.pool = p.pool AND c.problem_id = p.problem_id
    LEFT JOIN density d ON d.sample_id = p.sample_id AND d.policy_id = c.policy_id
    WHERE p.verified
),
mixed AS (
    SELECT
        pool, problem_id, sample_id, any_value(n_all) AS n_all,
        CASE WHEN count(*) = count(log_term) THEN any_value(m) + ln(sum(exp(log_term - m))) END AS log_mixture
    FROM (SELECT *, max(log_term) OVER (PARTITION BY pool, sample_id) AS m FROM terms)
    GROUP BY pool, problem_id, sample_id
),
weighed AS (
    SELECT mixed.*, b.log_density AS log_base
    FROM mixed
    LEFT JOIN density b ON b.sample_id = mixed.sample_id AND b.policy_id = $base::VARCHAR
),
partitions AS (
    SELECT
        problem_id,
        CASE WHEN count(*) = count(log_ratio) THEN any_value(m) + ln(sum(exp(log_ratio - m)) / any_value(n_all)) END
            AS log_partition
    FROM (
        SELECT *, log_base - log_mixture AS log_ratio, max(log_base - log_mixture) OVER (PARTITION BY problem_id) AS m
        FROM weighed
        WHERE pool = 'z'
    )
    GROUP BY problem_id
)
SELECT
    w.problem_id,
    any_value(x.name) AS name,
    any_value(x.header) AS header,
    any_value(x.statement) AS statement,
    any_value(x.informal) AS informal,
    any_value(s.prompt_tokens) AS prompt_tokens,
    any_value(w.n_all)::BIGINT AS n_samples,
    any_value(z.log_partition) AS log_partition,
    s.completion,
    s.token_ids,
    list(w.sample_id ORDER BY w.sample_id) AS sample_ids,
    list(w.log_base ORDER BY w.sample_id) AS log_base,
    list(w.log_mixture ORDER BY w.sample_id) AS log_sampler
FROM weighed w
JOIN samples s USING (sample_id)
JOIN problems x ON x.problem_id = w.problem_id
LEFT JOIN partitions z ON z.problem_id = w.problem_id
WHERE w.pool = 'rows'
GROUP BY w.problem_id, s.completion, s.token_ids
ORDER BY w.problem_id, s.completion, s.token_ids;
