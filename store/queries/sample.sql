-- rows: one sample with its problem, its latest verdict and its tokens
SELECT
    c.sample_id, c.problem_id, c.policy_id, c.round, c.sample_index, c.seed, c.template, c.created_at::VARCHAR AS created_at,
    c.name, c.split, c.source, c.header, c.statement, c.completion, c.finish_reason, c.prompt_tokens,
    c.verdict, c.verified, c.detail, c.proof_hash, c.elapsed_ms, c.checker_id, c.logprob_policy, c.logprob_sampler,
    coalesce(t.token_ids, []) AS token_ids, coalesce(t.token_logprobs, []) AS token_logprobs,
    (SELECT any_value(path) FROM policies y WHERE y.policy_id = c.policy_id) AS policy_path,
    (SELECT arg_max(axioms, checked_at) FROM verdicts v WHERE v.sample_id = c.sample_id) AS axioms
FROM corpus c
JOIN (SELECT sample_id, token_ids, token_logprobs FROM samples WHERE sample_id = $sample) t USING (sample_id)
WHERE c.sample_id = $sample AND c.problem_id = $problem;
