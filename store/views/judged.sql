-- judged: the latest verdict of every judged sample, with what estimates need of the sample
-- grain: one row a sample
-- columns: as in verdicts and samples; verified = v(y, x), false where the sample was cut at the length limit;
--   is_draw: estimates rest on it. A prompt that did not fit is no draw, nor is a sample of a statement that is broken, and
--   neither is a greedy sample (q(y) = 1), which stands for nothing but itself
-- units: log-probabilities in nats, elapsed in milliseconds
-- `verdicts_settled` are verdicts in compacted files: one a sample, the sample's columns copied into them; only these
--   few columns of one table are read. `verdicts_open` are all others; the latest counts, and the rest comes from `samples`
CREATE OR REPLACE VIEW judged AS
WITH said AS NOT MATERIALIZED (
    SELECT sample_id, verdict, detail, proof_hash, elapsed_ms, checker_id, checked_at FROM verdicts_open
    UNION ALL
    SELECT sample_id, verdict, detail, proof_hash, elapsed_ms, checker_id, checked_at
    FROM verdicts_settled SEMI JOIN verdicts_open USING (sample_id)
),
repeated AS (
    SELECT sample_id FROM said GROUP BY sample_id HAVING count(*) > 1
),
latest AS (  -- texts of the few that were judged twice stand in memory, not those of all
    FROM said ANTI JOIN repeated USING (sample_id)
    UNION ALL
    SELECT unnest(arg_max(said, struct_pack(at := checked_at, by := checker_id)))
    FROM said
    SEMI JOIN repeated USING (sample_id)
    GROUP BY sample_id
),
fresh AS (
    SELECT
        sample_id, s.problem_id, s.policy_id, s.round, l.verdict, l.detail, l.proof_hash, l.elapsed_ms, l.checker_id,
        s.finish_reason, s.logprob_policy, s.logprob_sampler
    FROM latest l
    JOIN samples s USING (sample_id)
),
everything AS (
    SELECT
        sample_id, problem_id, policy_id, round, verdict, detail, proof_hash, elapsed_ms, checker_id, finish_reason,
        logprob_policy, logprob_sampler
    FROM verdicts_settled
    ANTI JOIN verdicts_open USING (sample_id)
    UNION ALL
    FROM fresh
)
SELECT
    *, verdict = 'verified' AND finish_reason <> 'length' AS verified,
    -- one CASE: DuckDB takes each condition of a chain for a fifth of the rows, and then joins the wrong way round
    CASE
        WHEN verdict = 'bad_problem' OR finish_reason = 'abort' THEN false
        ELSE NOT coalesce(logprob_sampler = 0 AND logprob_policy < 0, false)
    END AS is_draw
FROM everything;
