from __future__ import annotations

import json
from pathlib import Path

from grader.report import schema
from grader.report.model import CheckReport, PartReport, Report

PUBLISHED = Path(__file__).parents[3] / "docs" / "report.schema.json"


def test_the_published_schema_is_up_to_date():
    assert PUBLISHED.read_text("utf-8") == schema.text(), (
        "run: python -m grader.report.schema > docs/report.schema.json"
    )


def test_the_schema_allows_infinity():
    fields = json.loads(schema.text())["$defs"]["Evidence"]["properties"]
    assert {"enum": ["Infinity", "-Infinity"]} in fields["largest_error"]["anyOf"]


def test_the_fields_that_others_read_are_there():
    assert {
        "schema_version", "assignment", "submission", "score", "max_score", "parts", "checks", "provenance"
    } <= set(Report.model_fields)  # fmt: skip
    assert {"name", "title", "score", "max_score"} <= set(PartReport.model_fields)
    assert {
        "name", "part", "sentence", "verdict", "score", "max_score", "message", "diagnosis", "visibility", "seconds"
    } <= set(CheckReport.model_fields)  # fmt: skip
