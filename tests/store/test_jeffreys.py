"""The interval in numpy, against scipy and against the view's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import beta

from store.corpus import Corpus
from store.jeffreys import interval


@pytest.mark.parametrize("n", [1, 2, 7, 16, 94, 512, 4096])
def test_the_interval_is_scipys_beta_quantiles_closed_at_the_ends(n: int) -> None:
    k = np.arange(n + 1)
    low, high = interval(n, k)
    expected_low, expected_high = beta(k + 0.5, n - k + 0.5).ppf([[0.025], [0.975]])
    np.testing.assert_allclose(low[1:], expected_low[1:], rtol=1e-9)
    np.testing.assert_allclose(high[:-1], expected_high[:-1], rtol=1e-9)
    assert (low[0], high[-1]) == (0, 1)


def test_the_interval_is_the_views(tmp_path: Path) -> None:
    query = (
        "SELECT n, k, jeffreys_quantile(0.025, k, n) AS low, jeffreys_quantile(0.975, k, n) AS high "
        "FROM (VALUES (8, 3), (16, 15), (64, 1), (256, 200)) t(n, k)"
    )
    with Corpus.open(tmp_path, create=True).connect() as connection:
        found = connection.execute(query).fetchnumpy()
    low, high = interval(found["n"], found["k"])
    np.testing.assert_allclose(low, found["low"], atol=1e-12)
    np.testing.assert_allclose(high, found["high"], atol=1e-12)
