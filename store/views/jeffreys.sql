-- jeffreys_quantile(p, k, n): the p-quantile of Beta(k + ½, n − k + ½), the Jeffreys posterior of a pass rate
-- formula: jeffreys_cdf(x, k, n): I_x(½, ½) = (2/π) asin √x; I_x(a, b+1) = I_x(a, b) + x^a (1−x)^b / (b B(a, b)) raises b
--   to n − k + ½, and I_x(a+1, b) = I_x(a, b) − x^a (1−x)^b / (a B(a, b)) raises a to k + ½
--   quantile, p ≤ ½: with x = sin²θ the density is ∝ sin²ᵏθ cos²⁽ⁿ⁻ᵏ⁾θ, which is log-concave, so log F(θ) is concave and
--   Newton's steps for log F(θ) = log p do not pass the root; 16 of them from the normal approximation, of standard
--   deviation 1/(2√n). For p > ½ from the other end
-- cost: n terms a step, their constants once; so ask it once per distinct (k, n)
CREATE OR REPLACE MACRO log_beta(a, b) AS lgamma(a) + lgamma(b) - lgamma(a + b);
CREATE OR REPLACE MACRO jeffreys_terms(k, n) AS struct_pack(
    up := list_transform(range(n - k), lambda j: ln(j + 0.5) + log_beta(0.5, j + 0.5)),
    down := list_transform(range(k), lambda i: ln(i + 0.5) + log_beta(i + 0.5, n - k + 0.5))
);
CREATE OR REPLACE MACRO jeffreys_sum(x, k, n, terms) AS
    2 / pi() * asin(sqrt(x))
    + coalesce(list_sum(list_transform(terms.up, lambda c, j: exp(0.5 * ln(x) + (j - 0.5) * ln(1 - x) - c))), 0)
    - coalesce(list_sum(list_transform(terms.down, lambda c, i:
        exp((i - 0.5) * ln(x) + (n - k + 0.5) * ln(1 - x) - c))), 0);
CREATE OR REPLACE MACRO jeffreys_cdf(x, k, n) AS jeffreys_sum(x, k, n, jeffreys_terms(k, n));
CREATE OR REPLACE MACRO jeffreys_log_density(t, k, n) AS  -- of θ
    ln(2) + 2 * k * ln(sin(t)) + 2 * (n - k) * ln(cos(t)) - log_beta(k + 0.5, n - k + 0.5);
CREATE OR REPLACE MACRO jeffreys_step(t, below, p, k, n) AS
    greatest(t / 4, least(t + 0.9 * (pi() / 2 - t),
        t - (ln(below) - ln(p)) * exp(ln(below) - jeffreys_log_density(t, k, n))));
CREATE OR REPLACE MACRO jeffreys_newton(p, k, n, terms) AS
    sin(list_reduce(
        list_prepend(
            greatest(1e-3, asin(sqrt((k + 0.5) / (n + 1))) - 0.98 / sqrt(n + 1)),
            list_transform(range(16), lambda i: 0::DOUBLE)
        ),
        lambda t, unused: jeffreys_step(t, greatest(jeffreys_sum(sin(t) ** 2, k, n, terms), 1e-12), p, k, n)
    )) ** 2;
CREATE OR REPLACE MACRO jeffreys_low(p, k, n) AS
    list_transform([jeffreys_terms(k, n)], lambda terms: jeffreys_newton(p, k, n, terms))[1];
CREATE OR REPLACE MACRO jeffreys_quantile(p, k, n) AS
    CASE WHEN p <= 0.5 THEN jeffreys_low(p, k, n) ELSE 1 - jeffreys_low(1 - p, n - k, n) END;
