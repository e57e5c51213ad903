"""Conformance and load tests for managed-PostgreSQL control-plane APIs."""

__version__ = "0.1.0"
