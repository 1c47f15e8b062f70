-- rows: what the offline trainer learns from
-- grain: one row a problem and distinct verified completion; the draws that gave it stand in lists, in order of sample_id
-- columns: n_samples counts every draw of the problem that takes part, verified or not, and is the same on all rows of a
--   problem; log_base, log_sampler are log π_base(y|x) and log q(y|x) of each draw, log_partition is log Z_x of the base;
--   each NULL where it is not known
-- units: nats
-- parameters: $base (a policy_id), $split, $sampled_by (a list of policy_id); NULL selects everything
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
    SELECT d.sample_id, d.problem_id, d.verified, c.name, c.header, c.statement, c.completion, c.prompt_tokens
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
    s.token_ids,
    list(c.sample_id ORDER BY c.sample_id) AS sample_ids,
    list(k.log_base ORDER BY c.sample_id) AS log_base,
    list(coalesce(k.log_sampler, s.logprob_sampler) ORDER BY c.sample_id) AS log_sampler
FROM chosen c
JOIN counted n USING (problem_id)
JOIN problems x ON x.problem_id = c.problem_id
JOIN samples s ON s.sample_id = c.sample_id
LEFT JOIN known k ON k.sample_id = c.sample_id
LEFT JOIN partition p ON p.policy_id = $base::VARCHAR AND p.problem_id = c.problem_id
WHERE c.verified
GROUP BY c.problem_id, c.completion, s.token_ids
ORDER BY c.problem_id, c.completion, s.token_ids;
