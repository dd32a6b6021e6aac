"""The HTML report: one self-contained file, no script."""

from seakeep.render.html.page import report_html

__all__ = ["report_html"]
