-- numbers: what is known of the draws to learn from, of the relation chosen (sample_id, problem_id, policy_id, verified,
--   round): the draws that take part
-- grain: one row a draw of a solved problem, verified or, with $wrong, not
-- columns: as in rows.sql, without texts and lists of tokens, which would be held in memory by every join here; leads: it is
--   the first row of its problem
-- parameters: $base (a policy_id); $wrong
CREATE OR REPLACE TEMP TABLE numbers AS
WITH counted AS (
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
    SELECT j.policy_id, j.problem_id, arg_max(j.verified, s.created_at) AS verified
    FROM judged j
    JOIN samples s USING (sample_id)
    WHERE j.logprob_sampler = 0 AND j.logprob_policy < 0
    GROUP BY ALL
)
SELECT
    c.problem_id, c.sample_id, c.policy_id, c.round, c.verified, c.leads, n.n_samples, p.log_partition,
    b.logprob AS log_base_scored, g.verified AS greedy_verified
FROM wanted c
JOIN counted n USING (problem_id)
LEFT JOIN scores b ON b.policy_id = $base::VARCHAR AND b.sample_id = c.sample_id
LEFT JOIN partition p ON p.policy_id = $base::VARCHAR AND p.problem_id = c.problem_id
LEFT JOIN greedy g ON g.policy_id = c.policy_id AND g.problem_id = c.problem_id;
