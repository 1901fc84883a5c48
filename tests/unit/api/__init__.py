"""Unit tests of emrjobs.api."""
