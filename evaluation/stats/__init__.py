"""Read-only aggregates; importing this registers the measures."""

from evaluation.stats import measures

__all__ = ["measures"]
