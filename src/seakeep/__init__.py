"""Seakeep: observe, score, diagnose and report on an unwell Kubernetes data platform."""

__version__ = "0.1.0"
