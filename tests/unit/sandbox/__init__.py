"""Tests of the sandbox itself, where it has logic."""
