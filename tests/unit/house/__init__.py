"""Tests of the repository itself: its budgets, its import rules, its layout."""
