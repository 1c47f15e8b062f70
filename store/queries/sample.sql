-- rows: one sample with its problem and its latest verdict
SELECT
    c.sample_id, c.problem_id, c.policy_id, c.round, c.sample_index, c.seed, c.template, c.created_at::VARCHAR AS created_at,
    c.name, c.split, c.source, c.header, c.statement, c.completion, c.finish_reason, c.prompt_tokens,
    c.verdict, c.verified, c.detail, c.proof_hash, c.elapsed_ms, c.checker_id, c.logprob_policy, c.logprob_sampler,
    (SELECT any_value(path) FROM policies y WHERE y.policy_id = c.policy_id) AS policy_path,
    (SELECT arg_max(axioms, checked_at) FROM verdicts v WHERE v.sample_id = c.sample_id) AS axioms
FROM corpus c
WHERE c.sample_id = $sample;
