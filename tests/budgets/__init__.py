"""The budgets of the style guide as a check: sizes, names, honest tests, finished words, no addresses."""
