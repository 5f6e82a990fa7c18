"""Tests of the Laserfiche dialect."""
