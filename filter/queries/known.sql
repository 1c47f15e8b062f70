-- rows: proofs that the checker $1 has judged
-- grain: one row a proof_hash, which covers problem and text
SELECT proof_hash, any_value(verdict) AS verdict, any_value(detail) AS detail, any_value(axioms) AS axioms
FROM verdicts
WHERE checker_id = $1 AND proof_hash IS NOT NULL
GROUP BY proof_hash;
