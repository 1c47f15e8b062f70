-- rows: what the offline trainer learns from
-- grain: one row a solved problem and distinct completion, verified or, with $wrong, not; the draws that gave it stand in
--   lists, in order of sample_id
-- columns: n_samples counts every draw of the problem that takes part, verified or not, and is the same on all rows of a
--   problem; log_base, log_sampler are log π_base(y|x) and log q(y|x) of each draw, log_partition is log Z_x of the base;
--   each NULL where it is not known; token_log_base, token_log_sampler are the same token by token, NULL without $tokens,
--   where not known and, for the sampler's, where the draw was not plain; greedy_verified is the verdict of the greedy
--   sample (temperature 0) of the policy that made the draw, NULL where there is none
-- units: nats
-- parameters: $base (a policy_id), $split, $sampled_by (a list of policy_id); NULL selects everything; $wrong, $tokens
--   (whether they are wanted)
-- formula: the draws of a policy take part when it is the base or has been scored under it; then all of them do, because
--   the trainer divides by n_samples
WITH known AS MATERIALIZED (
    SELECT sample_id, policy_id, log_base, log_sampler
    FROM weights
    WHERE base_policy_id = $base::VARCHAR
),
partaking AS (
    SELECT policy_id FROM known
    UNION
    SELECT $base::VARCHAR
),
chosen AS MATERIALIZED (
    SELECT d.sample_id, d.problem_id, d.policy_id, d.verified, c.round, c.name, c.header, c.statement, c.completion, c.prompt_tokens
    FROM draws d
    JOIN corpus c USING (sample_id)
    WHERE ($split::VARCHAR IS NULL OR c.split = $split::VARCHAR)
      AND CASE
          WHEN $sampled_by::VARCHAR[] IS NULL THEN d.policy_id IN (SELECT policy_id FROM partaking)
          ELSE list_contains($sampled_by::VARCHAR[], d.policy_id)
      END
),
counted AS (
    SELECT problem_id, count(*) AS n_samples
    FROM chosen
    GROUP BY problem_id
    HAVING bool_or(verified)
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
    any_value(c.name) AS name,
    any_value(c.header) AS header,
    any_value(c.statement) AS statement,
    any_value(x.informal) AS informal,
    any_value(c.prompt_tokens) AS prompt_tokens,
    any_value(n.n_samples) AS n_samples,
    any_value(p.log_partition) AS log_partition,
    c.completion,
    c.verified,
    s.token_ids,
    list(c.sample_id ORDER BY c.sample_id) AS sample_ids,
    list(k.log_base ORDER BY c.sample_id) AS log_base,
    list(coalesce(k.log_sampler, s.logprob_sampler) ORDER BY c.sample_id) AS log_sampler,
    list(c.round ORDER BY c.sample_id) AS round,
    list(c.policy_id ORDER BY c.sample_id) AS policy_id,
    list(g.verified ORDER BY c.sample_id) AS greedy_verified,
    list(CASE
        WHEN NOT $tokens::BOOLEAN THEN NULL
        WHEN c.policy_id = $base::VARCHAR THEN s.token_logprobs
        ELSE b.token_logprobs
    END ORDER BY c.sample_id) AS token_log_base,
    list(CASE
        WHEN $tokens::BOOLEAN AND abs(s.logprob_sampler - s.logprob_policy) <= 1e-6 * greatest(1, abs(s.logprob_policy))
            THEN s.token_logprobs
    END ORDER BY c.sample_id) AS token_log_sampler
FROM chosen c
JOIN counted n USING (problem_id)
JOIN problems x ON x.problem_id = c.problem_id
JOIN samples s ON s.sample_id = c.sample_id
LEFT JOIN known k ON k.sample_id = c.sample_id
LEFT JOIN partition p ON p.policy_id = $base::VARCHAR AND p.problem_id = c.problem_id
LEFT JOIN greedy g ON g.policy_id = c.policy_id AND g.problem_id = c.problem_id
LEFT JOIN base_tokens b ON b.sample_id = c.sample_id
WHERE c.verified OR $wrong::BOOLEAN
GROUP BY c.problem_id, c.completion, c.verified, s.token_ids
ORDER BY c.problem_id, c.completion, c.verified DESC, s.token_ids;
