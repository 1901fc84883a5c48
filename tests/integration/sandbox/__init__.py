"""Tests of the world itself: what the other tests take for granted."""
