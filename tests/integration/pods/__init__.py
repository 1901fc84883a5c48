"""The pod runner, and what is tried with it."""
