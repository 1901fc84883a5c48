"""Tests of what the tests lean on."""
