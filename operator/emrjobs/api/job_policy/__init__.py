"""The kind EmrJobPolicy."""
