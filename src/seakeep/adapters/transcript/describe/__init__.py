"""`kubectl describe` into raw objects."""

from seakeep.adapters.transcript.describe.fragments import fragment
from seakeep.adapters.transcript.describe.objects import described

__all__ = ["described", "fragment"]
