"""Benchmarks in one form: what they measure, how they are compared, how they are shown."""

__all__ = ["conditions", "form", "memory", "page", "registry"]
