-- corpus: samples ⋈ problems ⋈ latest verdict
-- grain: one row a sample. Token lists stay in `samples`, so that no query reads them unasked.
-- columns: as in the tables; verdict is NULL where Lean has not judged yet; verified = v(y, x) is false there, and where
--   the sample was cut at the length limit
-- units: log-probabilities in nats, elapsed in milliseconds
CREATE OR REPLACE VIEW corpus AS
WITH latest AS (
    SELECT
        sample_id,
        arg_max(
            struct_pack(
                verdict := verdict, detail := detail, proof_hash := proof_hash, elapsed_ms := elapsed_ms,
                checker_id := checker_id
            ),
            struct_pack(at := checked_at, by := checker_id)
        ) AS judged
    FROM verdicts
    GROUP BY sample_id
)
SELECT
    s.sample_id, s.problem_id, s.policy_id, s.round, s.sample_index,
    p.name, p.split, p.source, p.header, p.statement, s.completion,
    judged.verdict AS verdict,
    coalesce(judged.verdict = 'verified' AND s.finish_reason <> 'length', false) AS verified,
    judged.detail AS detail, judged.proof_hash AS proof_hash,
    judged.elapsed_ms AS elapsed_ms, judged.checker_id AS checker_id,
    s.logprob_policy, s.logprob_sampler, s.finish_reason, s.prompt_tokens, s.seed, s.created_at,
    coalesce(s.template, 'plain') AS template
FROM samples s
JOIN problems p USING (problem_id)
LEFT JOIN latest USING (sample_id);
