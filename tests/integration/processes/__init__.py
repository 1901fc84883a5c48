"""Tests that start, stop and kill operators of their own."""
