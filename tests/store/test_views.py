"""Every view says what it is, and the views of diversity and difficulty say what independent Python says."""

from __future__ import annotations

from store.database import ORDER, VIEWS, describe_views


def test_every_view_has_a_header_that_says_its_grain() -> None:
    described = dict(describe_views())
    assert list(described) == list(ORDER)
    assert {path.stem for path in VIEWS.glob("*.sql")} == set(described)
    for name, header in described.items():
        assert header.startswith(name)
        assert "grain: " in header or "formula: " in header
