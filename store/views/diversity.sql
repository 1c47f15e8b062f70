-- diversity: how many different proofs a policy found; only verified proofs count
-- grain: one row a (policy_id, problem_id) with a verified draw
-- columns: n_verified; n_distinct: different proof texts as Lean saw them; n_once: those found exactly once;
--   entropy: Shannon entropy of the found proofs, in bits
CREATE OR REPLACE VIEW diversity AS
WITH shares AS (
    SELECT *, n / sum(n) OVER (PARTITION BY policy_id, problem_id) AS share FROM proofs
)
SELECT
    policy_id, problem_id, sum(n)::BIGINT AS n_verified, count(*) AS n_distinct,
    count(*) FILTER (WHERE n = 1) AS n_once, -sum(share * log2(share)) AS entropy
FROM shares
GROUP BY ALL;
