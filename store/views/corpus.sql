-- corpus: samples ⋈ problems ⋈ latest verdict
-- grain: one row a sample. Token lists stay in `samples`, so that no query reads them unasked.
-- columns: as in the tables; verdict is NULL where Lean has not judged yet; verified = v(y, x) is false there, and where
--   the sample was cut at the length limit
-- units: log-probabilities in nats, elapsed in milliseconds
CREATE OR REPLACE VIEW corpus AS
SELECT
    s.sample_id, s.problem_id, s.policy_id, s.round, s.sample_index,
    p.name, p.split, p.source, p.header, p.statement, s.completion,
    j.verdict, coalesce(j.verified, false) AS verified, j.detail, j.proof_hash, j.elapsed_ms, j.checker_id,
    s.logprob_policy, s.logprob_sampler, s.finish_reason, s.prompt_tokens, s.seed, s.created_at,
    coalesce(s.template, 'plain') AS template
FROM samples s
JOIN problems p USING (problem_id)
LEFT JOIN judged j USING (sample_id);
