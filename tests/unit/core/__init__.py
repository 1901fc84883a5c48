"""Unit tests of emrjobs.core."""
