-- proof_diversity: how various the tactics and premises of a policy's verified proofs are
-- grain: one row a (policy_id, problem_id, kind), kind = 'tactics' or 'premises', with at least one used
-- columns: n_proofs: different verified proofs with facts (`cli facts`); n_uses; n_distinct; entropy: Shannon entropy
--   −Σ s log2 s of the shares s of the uses, in bits; gini_simpson: 1 − Σ s², the chance that two uses, drawn with
--   replacement, differ
-- formula: each different proof counts once, however often it was drawn; a tactic counts as often as a proof uses it, a
--   premise once a proof
CREATE OR REPLACE VIEW proof_diversity AS
WITH proofs AS (
    SELECT
        j.policy_id, j.problem_id, coalesce(j.proof_hash, j.sample_id) AS proof,
        arg_min(f.tactics, j.sample_id) AS tactics, arg_min(f.premises, j.sample_id) AS premises
    FROM judged j
    JOIN proof_facts f USING (sample_id)
    WHERE j.verified
    GROUP BY ALL
),
uses AS (
    SELECT policy_id, problem_id, proof, 'tactics' AS kind, unnest(tactics) AS used FROM proofs
    UNION ALL
    SELECT policy_id, problem_id, proof, 'premises', unnest(premises) FROM proofs
),
times AS (
    SELECT policy_id, problem_id, kind, used, count(*) AS n FROM uses GROUP BY ALL
),
shares AS (
    SELECT *, n / sum(n) OVER (PARTITION BY policy_id, problem_id, kind) AS share FROM times
),
counted AS (
    SELECT policy_id, problem_id, count(*) AS n_proofs FROM proofs GROUP BY ALL
)
SELECT
    policy_id, problem_id, kind, any_value(n_proofs) AS n_proofs, sum(n)::BIGINT AS n_uses, count(*) AS n_distinct,
    greatest(0, -sum(share * log2(share))) AS entropy, greatest(0, 1 - sum(share ** 2)) AS gini_simpson
FROM shares
JOIN counted USING (policy_id, problem_id)
GROUP BY policy_id, problem_id, kind;
