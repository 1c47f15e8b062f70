-- duplicates: completions that were drawn more than once
-- grain: one row a (policy_id, problem_id, completion) with two draws or more
-- columns: n: times drawn; verdict: of one of them (they differ only when checkers do); sample_ids: all of them, sorted
CREATE OR REPLACE VIEW duplicates AS
SELECT
    policy_id, problem_id, completion, count(*) AS n, min(verdict) AS verdict, list(sample_id ORDER BY sample_id) AS sample_ids
FROM corpus
GROUP BY policy_id, problem_id, completion
HAVING count(*) > 1;
