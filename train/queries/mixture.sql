-- mixture: what the trainer learns from when draws of several policies are taken together
-- grain: one row a draw of a solved problem, verified or, with $wrong, not; problem after problem, in order of sample_id
-- columns: as in rows.sql, with log_sampler = log q(y|x) of the mixture; NULL where a score is missing. Log-probabilities
--   token by token stand only with $tokens, the sampler's only where one policy drew the problem: a mixture has none.
--   Greedy samples are not known
-- units: nats
-- formula: q(y|x) = Σ_k n_k/n π_k(y|x), the policies in proportion to their n_k draws of x (the balance heuristic);
--   Z_x = 1/n Σ v π_base/q over the draws of the z lists, with a q of their own. Both are right for plain samplers
-- parameters: $base (a policy_id); $rounds with $policies and $z_rounds with $z_policies: lists of the same length that say
--   round and policy_id of the draws that take part; $split (NULL: every one); $wrong, $tokens (whether they are wanted)
WITH pools AS (
    SELECT 'rows' AS pool, unnest($rounds::INTEGER[]) AS round, unnest($policies::VARCHAR[]) AS policy_id
    UNION ALL
    SELECT 'z', unnest($z_rounds::INTEGER[]), unnest($z_policies::VARCHAR[])
),
drawn AS MATERIALIZED (
    SELECT pool, sample_id, problem_id, policy_id, round, verified, logprob_policy
    FROM corpus
    JOIN pools USING (round, policy_id)
    WHERE ($split::VARCHAR IS NULL OR split = $split::VARCHAR)
      AND verdict IS NOT NULL AND verdict <> 'bad_problem' AND finish_reason <> 'abort'
),
counted AS (
    SELECT pool, problem_id, policy_id, count(*) AS n, bool_or(verified) AS solved FROM drawn GROUP BY ALL
),
shares AS (
    SELECT
        pool, problem_id, policy_id, n, sum(n) OVER (PARTITION BY pool, problem_id) AS n_all,
        bool_or(solved) OVER (PARTITION BY pool, problem_id) AS solved
    FROM counted
),
wanted AS MATERIALIZED (
    SELECT * FROM drawn WHERE verified OR ($wrong::BOOLEAN AND pool = 'rows')
),
density AS MATERIALIZED (
    SELECT DISTINCT sample_id, policy_id, logprob_policy AS log_density FROM wanted
    UNION ALL
    SELECT s.sample_id, s.policy_id, any_value(s.logprob)
    FROM scores s
    JOIN (SELECT DISTINCT sample_id, policy_id FROM wanted) w ON w.sample_id = s.sample_id AND w.policy_id <> s.policy_id
    GROUP BY ALL
),
terms AS (  -- one row a (pool, draw, policy of the pool that drew the problem)
    SELECT c.pool, w.problem_id, w.sample_id, c.n_all, ln(c.n / c.n_all) + d.log_density AS log_term
    FROM wanted w
    JOIN shares c ON c.pool = w.pool AND c.problem_id = w.problem_id AND c.solved
    LEFT JOIN density d ON d.sample_id = w.sample_id AND d.policy_id = c.policy_id
),
mixed AS (
    SELECT
        pool, problem_id, sample_id, any_value(n_all) AS n_all, count(*) = 1 AS one_policy,
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
),
base_tokens AS (
    SELECT sample_id, any_value(token_logprobs) AS token_logprobs
    FROM scores
    WHERE $tokens::BOOLEAN AND policy_id = $base::VARCHAR
    GROUP BY sample_id
)
SELECT
    w.problem_id,
    x.name,
    x.header,
    x.statement,
    x.informal,
    s.prompt_tokens,
    w.n_all::BIGINT AS n_samples,
    z.log_partition,
    s.completion,
    d.verified,
    s.token_ids,
    w.sample_id,
    w.log_base,
    w.log_mixture AS log_sampler,
    d.round,
    d.policy_id,
    NULL::BOOLEAN AS greedy_verified,
    CASE
        WHEN NOT $tokens::BOOLEAN THEN NULL
        WHEN d.policy_id = $base::VARCHAR THEN s.token_logprobs
        ELSE t.token_logprobs
    END AS token_log_base,
    CASE WHEN $tokens::BOOLEAN AND w.one_policy THEN s.token_logprobs END AS token_log_sampler
FROM weighed w
JOIN wanted d ON d.pool = w.pool AND d.sample_id = w.sample_id
JOIN samples s ON s.sample_id = w.sample_id
JOIN problems x ON x.problem_id = w.problem_id
LEFT JOIN partitions z ON z.problem_id = w.problem_id
LEFT JOIN base_tokens t ON t.sample_id = w.sample_id
WHERE w.pool = 'rows'
ORDER BY w.problem_id, w.sample_id;
