"""The JSON schema of `report.json`, published as `docs/report.schema.json`.

`python -m grader.report.schema > docs/report.schema.json` brings the file up to date.
"""

from __future__ import annotations

import json
from typing import Any

from grader.report.model import Report

INFINITE = ("wrong_share", "largest_error", "error_over_tolerance")  # numbers of Evidence that may be infinite


def schema() -> dict[str, Any]:
    """The schema of a report as the files hold it."""
    whole = Report.model_json_schema(mode="serialization")
    fields = whole["$defs"]["Evidence"]["properties"]
    for name in INFINITE:  # pydantic writes them as strings, for JSON has no infinity, but does not say so
        fields[name]["anyOf"].append({"enum": ["Infinity", "-Infinity"]})
        fields[name]["description"] = 'A number, or the string "Infinity" where the answer is NaN or infinite.'
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole}


def text() -> str:
    """The schema as its file holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(text(), end="")
