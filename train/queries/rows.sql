-- rows: what the offline trainer learns from
-- grain: one row a problem and distinct verified completion; the draws that gave it stand in lists, in order of sample_id
-- columns: n_samples counts every judged draw of the problem in the selection, verified or not, and is the same on all
--   rows of a problem; log_base, log_sampler are log π_base(y|x) and log q(y|x) of each draw
-- units: nats
-- parameters: $split, $sampled_by (a list of policy_id); NULL selects everything
WITH drawn AS (
    SELECT c.*
    FROM corpus c
    WHERE c.verdict IS NOT NULL
      AND c.finish_reason <> 'abort'
      AND ($split::VARCHAR IS NULL OR c.split = $split::VARCHAR)
      AND ($sampled_by::VARCHAR[] IS NULL OR list_contains($sampled_by::VARCHAR[], c.policy_id))
),
counted AS (
    SELECT problem_id, count(*) AS n_samples
    FROM drawn
    GROUP BY problem_id
)
SELECT
    d.problem_id,
    any_value(d.name) AS name,
    any_value(d.header) AS header,
    any_value(d.statement) AS statement,
    any_value(d.prompt_tokens) AS prompt_tokens,
    any_value(n.n_samples) AS n_samples,
    any_value(w.log_partition) AS log_partition,
    d.completion,
    s.token_ids,
    list(d.sample_id ORDER BY d.sample_id) AS sample_ids,
    list(w.log_base ORDER BY d.sample_id) AS log_base,
    list(w.log_sampler ORDER BY d.sample_id) AS log_sampler
FROM drawn d
JOIN counted n USING (problem_id)
JOIN weights w ON w.sample_id = d.sample_id
JOIN samples s ON s.sample_id = d.sample_id
WHERE d.verified
GROUP BY d.problem_id, d.completion, s.token_ids
ORDER BY d.problem_id, d.completion, s.token_ids;
