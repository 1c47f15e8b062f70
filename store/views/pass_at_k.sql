-- pass_at_k(k): the chance that one of k draws is verified, unbiased: 1 − C(n − c, k) / C(n, k)
-- grain: one row a (policy_id, problem_id) with at least k draws
CREATE OR REPLACE MACRO pass_at_k(k) AS TABLE
SELECT
    policy_id, problem_id, n, n_verified,
    CASE
        WHEN n - n_verified < k THEN 1
        ELSE 1 - exp(lgamma(n - n_verified + 1) - lgamma(n - n_verified - k + 1) - lgamma(n + 1) + lgamma(n - k + 1))
    END AS pass
FROM (
    SELECT policy_id, problem_id, count(*) AS n, count(*) FILTER (WHERE verified) AS n_verified
    FROM draws
    GROUP BY ALL
)
WHERE n >= k;
