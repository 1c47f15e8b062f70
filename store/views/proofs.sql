-- proofs: the different proofs that a policy found, and how often; only verified ones
-- grain: one row a (policy_id, problem_id, proof); proof: the hash of problem and proof as Lean read it, the completion
--   where there is none
-- columns: n: times drawn; sample_id: the first of them, by name; log_policy: its log π(y|x), NULL where not known
-- units: nats
CREATE OR REPLACE VIEW proofs AS
SELECT
    policy_id, problem_id, coalesce(proof_hash, completion) AS proof, count(*) AS n, min(sample_id) AS sample_id,
    arg_min(logprob_policy, sample_id) AS log_policy
FROM corpus
WHERE verified
GROUP BY ALL;
