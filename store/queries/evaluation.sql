-- rows: what an evaluation counts, problem by problem
-- grain: one row a problem with judged draws of policy $policy_id
-- parameters: $split, NULL selects every problem; $chosen: only the samples of the relation wanted (sample_id)
-- columns: n draws, n_verified, n_distinct verified proofs, n_cut draws cut at the length limit
--   entropy: Shannon entropy of the verified proofs, in bits; gini_simpson: 1 − Σ share², the chance that two of them
--   differ, drawn with replacement; both 0 where nothing was verified
--   n_ways: different sequences of tactics among the verified proofs; ways_entropy of these, in bits; n_plain verified draws
--     without facts (`cli facts`)
--   n_tokens of the verified draws, end token included; log_base = Σ log π of them under policy $base, in nats;
--   n_unknown verified draws whose tokens or log π are not known
WITH judged AS MATERIALIZED (
    SELECT c.sample_id, c.problem_id, c.verified, c.finish_reason, coalesce(c.proof_hash, c.completion) AS proof
    FROM corpus c
    SEMI JOIN draws USING (sample_id)
    WHERE c.policy_id = $policy_id AND ($split::VARCHAR IS NULL OR c.split = $split::VARCHAR)
      AND (NOT $chosen::BOOLEAN OR c.sample_id IN (SELECT sample_id FROM wanted))
),
shares AS (
    SELECT problem_id, count(*) / sum(count(*)) OVER (PARTITION BY problem_id) AS share
    FROM judged
    WHERE verified
    GROUP BY problem_id, proof
),
diverse AS (
    SELECT
        problem_id, count(*) AS n_distinct, abs(sum(share * log2(share))) AS entropy, 1 - sum(share ** 2) AS gini_simpson
    FROM shares
    GROUP BY problem_id
),
ways AS (
    SELECT
        problem_id, count(*) FILTER (WHERE share IS NOT NULL) AS n_ways, abs(sum(share * log2(share))) AS ways_entropy,
        sum(n_plain) AS n_plain
    FROM (
        SELECT
            j.problem_id, nullif(count(f.tactics), 0) / sum(count(f.tactics)) OVER (PARTITION BY j.problem_id) AS share,
            count(*) - count(f.tactics) AS n_plain
        FROM judged j
        LEFT JOIN proof_facts f USING (sample_id)
        WHERE j.verified
        GROUP BY j.problem_id, f.tactics
    )
    GROUP BY problem_id
),
likely AS (
    SELECT
        j.problem_id, sum(len(s.token_ids)) AS n_tokens, sum(coalesce(own.log_policy, b.logprob)) AS log_base,
        count(*) FILTER (WHERE s.token_ids IS NULL OR coalesce(own.log_policy, b.logprob) IS NULL) AS n_unknown
    FROM judged j
    JOIN samples s ON s.sample_id = j.sample_id
    LEFT JOIN draws own ON own.sample_id = j.sample_id AND own.policy_id = $base::VARCHAR
    LEFT JOIN scores b ON b.sample_id = j.sample_id AND b.policy_id = $base::VARCHAR
    WHERE j.verified AND $base::VARCHAR IS NOT NULL
    GROUP BY j.problem_id
)
SELECT
    j.problem_id, count(*) AS n, count(*) FILTER (WHERE j.verified) AS n_verified,
    coalesce(any_value(d.n_distinct), 0) AS n_distinct,
    count(*) FILTER (WHERE j.finish_reason = 'length') AS n_cut,
    coalesce(any_value(d.entropy), 0)::DOUBLE AS entropy, coalesce(any_value(d.gini_simpson), 0)::DOUBLE AS gini_simpson,
    coalesce(any_value(w.n_ways), 0) AS n_ways, coalesce(any_value(w.ways_entropy), 0)::DOUBLE AS ways_entropy,
    coalesce(any_value(w.n_plain), 0)::BIGINT AS n_plain,
    coalesce(any_value(l.n_tokens), 0)::DOUBLE AS n_tokens, coalesce(any_value(l.log_base), 0)::DOUBLE AS log_base,
    coalesce(any_value(l.n_unknown), 0)::BIGINT AS n_unknown
FROM judged j
LEFT JOIN diverse d USING (problem_id)
LEFT JOIN ways w USING (problem_id)
LEFT JOIN likely l USING (problem_id)
GROUP BY j.problem_id
ORDER BY j.problem_id;
