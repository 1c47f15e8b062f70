-- rows: what the trainer learns from
-- grain: one row a draw of a solved problem, verified or, with $wrong, not; problem after problem, in order of sample_id
-- columns: what numbers.sql knows of the draw, with its texts: n_samples counts every draw of the problem that takes part,
--   verified or not; log_base, log_sampler are log π_base(y|x) and log q(y|x) of the draw, log_partition is log Z_x of the
--   base; each NULL where it is not known; token_log_base, token_log_sampler are the same token by token, NULL without
--   $tokens, where not known and, for the sampler's, where the draw was not plain; greedy_verified is the verdict of the
--   greedy sample (temperature 0) of the policy that made the draw, NULL where there is none; name, header, statement,
--   informal stand on the first row of a problem only
-- units: nats
-- parameters: $base (a policy_id); $tokens (whether log-probabilities token by token are wanted); $first, $last: the problems
--   between these ids
WITH base_tokens AS (
    SELECT sample_id, token_logprobs FROM scores WHERE $tokens::BOOLEAN AND policy_id = $base::VARCHAR
)
SELECT
    c.problem_id,
    CASE WHEN c.leads THEN x.name END AS name,
    CASE WHEN c.leads THEN x.header END AS header,
    CASE WHEN c.leads THEN x.statement END AS statement,
    CASE WHEN c.leads THEN x.informal END AS informal,
    s.prompt_tokens,
    c.n_samples,
    c.log_partition,
    s.completion,
    c.verified,
    s.token_ids,
    c.sample_id,
    CASE WHEN c.policy_id = $base::VARCHAR THEN s.logprob_policy ELSE c.log_base_scored END AS log_base,
    s.logprob_sampler AS log_sampler,
    c.round,
    c.policy_id,
    c.greedy_verified,
    CASE
        WHEN NOT $tokens::BOOLEAN THEN NULL
        WHEN c.policy_id = $base::VARCHAR THEN s.token_logprobs
        ELSE b.token_logprobs
    END AS token_log_base,
    CASE
        WHEN $tokens::BOOLEAN AND abs(s.logprob_sampler - s.logprob_policy) <= 1e-6 * greatest(1, abs(s.logprob_policy))
            THEN s.token_logprobs
    END AS token_log_sampler
FROM samples s
JOIN numbers c USING (sample_id)
JOIN problems x ON x.problem_id = c.problem_id
LEFT JOIN base_tokens b ON b.sample_id = c.sample_id
WHERE c.problem_id BETWEEN $first AND $last AND s.problem_id BETWEEN $first AND $last
ORDER BY c.problem_id, c.sample_id;
