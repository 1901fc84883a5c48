"""Tests of the runtime in the test's own process, against a real API server."""
