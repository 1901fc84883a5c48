"""Serves the kind EmrJobPolicy."""
