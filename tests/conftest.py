"""What every test run has: a table of outcomes by folder."""

from tests.support.counts import pytest_terminal_summary

__all__ = ["pytest_terminal_summary"]
