"""One generated corpus of specs, and those who judge it."""
