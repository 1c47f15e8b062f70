-- evaluations: what `cli eval` and `cli quickstart` measured
-- grain: one row an evaluation
-- columns: policy_id; problems, which ones in words; n draws of a problem; n_problems with judged draws; n_solved;
--   n_missing without one; pass_at, pass@1 … pass@n, each (estimate, low, high) with a 95 % bootstrap interval over the
--   problems; distinct, different verified proofs per solved problem; entropy of a problem's proofs in bits; gini_simpson,
--   the chance that two of them differ; perplexity of the verified draws under the base, a token; cut_share of the draws; written_at
CREATE OR REPLACE VIEW evaluations AS
SELECT
    record->>'$.policy_id' AS policy_id,
    record->>'$.problems' AS problems,
    (record->>'$.n')::BIGINT AS n,
    (record->>'$.n_problems')::BIGINT AS n_problems,
    (record->>'$.n_solved')::BIGINT AS n_solved,
    (record->>'$.n_missing')::BIGINT AS n_missing,
    (record->'$.pass_at')::STRUCT(estimate DOUBLE, low DOUBLE, high DOUBLE)[] AS pass_at,
    (record->'$.distinct')::STRUCT(estimate DOUBLE, low DOUBLE, high DOUBLE) AS "distinct",
    (record->'$.entropy')::STRUCT(estimate DOUBLE, low DOUBLE, high DOUBLE) AS entropy,
    (record->'$.gini_simpson')::STRUCT(estimate DOUBLE, low DOUBLE, high DOUBLE) AS gini_simpson,
    (record->'$.perplexity')::STRUCT(estimate DOUBLE, low DOUBLE, high DOUBLE) AS perplexity,
    (record->>'$.cut_share')::DOUBLE AS cut_share,
    written_at
FROM runs
WHERE kind = 'eval';
