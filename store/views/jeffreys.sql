-- jeffreys_quantile(p, k, n): the p-quantile of Beta(k + ½, n − k + ½), the Jeffreys posterior of a pass rate
-- formula: I_x(½, ½) = (2/π) asin √x; I_x(a, b+1) = I_x(a, b) + x^a (1−x)^b / (b B(a, b)) raises b to n − k + ½, and
--   I_x(a+1, b) = I_x(a, b) − x^a (1−x)^b / (a B(a, b)) raises a to k + ½; then 44 halvings of [0, 1]
-- cost: n terms a halving, so ask it once per distinct (k, n)
CREATE OR REPLACE MACRO log_beta(a, b) AS lgamma(a) + lgamma(b) - lgamma(a + b);
CREATE OR REPLACE MACRO jeffreys_cdf(x, k, n) AS
    2 / pi() * asin(sqrt(x))
    + coalesce(list_sum(list_transform(range(n - k), lambda j:
        exp(0.5 * ln(x) + (j + 0.5) * ln(1 - x) - ln(j + 0.5) - log_beta(0.5, j + 0.5)))), 0)
    - coalesce(list_sum(list_transform(range(k), lambda i:
        exp((i + 0.5) * ln(x) + (n - k + 0.5) * ln(1 - x) - ln(i + 0.5) - log_beta(i + 0.5, n - k + 0.5)))), 0);
CREATE OR REPLACE MACRO jeffreys_quantile(p, k, n) AS
    list_reduce(
        list_prepend(0::DOUBLE, list_transform(range(1, 45), lambda i: pow(0.5::DOUBLE, i))),
        lambda low, half: CASE WHEN jeffreys_cdf(low + half, k, n) < p THEN low + half ELSE low END
    );
