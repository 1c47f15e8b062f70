-- rows: what the trainer learns from, of the relation chosen (sample_id, problem_id, policy_id, verified, round): the draws
--   that take part
-- grain: one row a draw of a solved problem, verified or, with $wrong, not; problem after problem, in order of sample_id
-- columns: n_samples counts every draw of the problem in chosen, verified or not; log_base, log_sampler are log π_base(y|x)
--   and log q(y|x) of the draw, log_partition is log Z_x of the base; each NULL where it is not known; token_log_base,
--   token_log_sampler are the same token by token, NULL without $tokens, where not known and, for the sampler's, where the
--   draw was not plain; greedy_verified is the verdict of the greedy sample (temperature 0) of the policy that made the
--   draw, NULL where there is none; name, header, statement, informal stand on the first row of a problem only
-- units: nats
-- parameters: $base (a policy_id); $wrong, $tokens (whether they are wanted)
WITH known AS MATERIALIZED (
    SELECT w.sample_id, w.log_base, w.log_sampler
    FROM weights w
    WHERE w.base_policy_id = $base::VARCHAR
),
counted AS (
    SELECT problem_id, count(*) AS n_samples
    FROM chosen
    GROUP BY problem_id
    HAVING bool_or(verified)
),
wanted AS (
    SELECT *, row_number() OVER (PARTITION BY problem_id ORDER BY sample_id) = 1 AS leads
    FROM chosen
    WHERE verified OR $wrong::BOOLEAN
),
greedy AS (
    SELECT policy_id, problem_id, arg_max(verified, created_at) AS verified
    FROM corpus
    WHERE logprob_sampler = 0 AND logprob_policy < 0 AND verdict IS NOT NULL
    GROUP BY ALL
),
base_tokens AS (
    SELECT sample_id, any_value(token_logprobs) AS token_logprobs
    FROM scores
    WHERE $tokens::BOOLEAN AND policy_id = $base::VARCHAR
    GROUP BY sample_id
)
SELECT
    c.problem_id,
    CASE WHEN c.leads THEN x.name END AS name,
    CASE WHEN c.leads THEN x.header END AS header,
    CASE WHEN c.leads THEN x.statement END AS statement,
    CASE WHEN c.leads THEN x.informal END AS informal,
    s.prompt_tokens,
    n.n_samples,
    p.log_partition,
    s.completion,
    c.verified,
    s.token_ids,
    c.sample_id,
    k.log_base,
    coalesce(k.log_sampler, s.logprob_sampler) AS log_sampler,
    c.round,
    c.policy_id,
    g.verified AS greedy_verified,
    CASE
        WHEN NOT $tokens::BOOLEAN THEN NULL
        WHEN c.policy_id = $base::VARCHAR THEN s.token_logprobs
        ELSE b.token_logprobs
    END AS token_log_base,
    CASE
        WHEN $tokens::BOOLEAN AND abs(s.logprob_sampler - s.logprob_policy) <= 1e-6 * greatest(1, abs(s.logprob_policy))
            THEN s.token_logprobs
    END AS token_log_sampler
FROM wanted c
JOIN counted n USING (problem_id)
JOIN problems x ON x.problem_id = c.problem_id
JOIN samples s ON s.sample_id = c.sample_id
LEFT JOIN known k ON k.sample_id = c.sample_id
LEFT JOIN partition p ON p.policy_id = $base::VARCHAR AND p.problem_id = c.problem_id
LEFT JOIN greedy g ON g.policy_id = c.policy_id AND g.problem_id = c.problem_id
LEFT JOIN base_tokens b ON b.sample_id = c.sample_id
ORDER BY c.problem_id, c.sample_id;
