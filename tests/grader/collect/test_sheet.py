"""Tables that were filled in with a spreadsheet program, in the forms in which these write them."""

from __future__ import annotations

import pytest
from openpyxl import Workbook

from grader.collect.sheet import read_sheet
from grader.errors import UsageError

ROWS = [(1, ["id", "x"]), (3, ["1001", "é"])]


@pytest.mark.parametrize(
    "content",
    [
        "id,x\n\n1001, é \n".encode(),
        "\ufeffid;x\n;\n1001;é\n".encode(),
        "id\tx\r\n\r\n1001\té\r\n".encode("utf-16"),
    ],
    ids=["plain", "Excel of a country with decimal commas", "Excel's Unicode text"],
)
def test_text_of_any_program(tmp_path, content):
    (tmp_path / "sheet.csv").write_bytes(content)
    assert read_sheet(tmp_path / "sheet.csv", "sheet") == ROWS


def test_the_line_that_tells_excel_the_sign_is_left_out(tmp_path):
    (tmp_path / "sheet.csv").write_text("sep=|\nid|x\n1001|é\n", "utf-8")
    assert read_sheet(tmp_path / "sheet.csv", "sheet") == [(2, ["id", "x"]), ROWS[1]]


def test_a_workbook_under_any_name(tmp_path):
    book = Workbook()
    book.worksheets[0].append(["id", "x"])
    book.worksheets[0].append([None, "  "])
    book.worksheets[0].append([1001.0, "é"])
    book.save(tmp_path / "sheet.xlsx")
    (tmp_path / "sheet.xlsx").rename(tmp_path / "sheet.csv")
    assert read_sheet(tmp_path / "sheet.csv", "sheet") == ROWS


def test_what_is_no_workbook_is_a_sentence(tmp_path):
    (tmp_path / "sheet.xlsx").write_bytes(b"PK\x03\x04 and nothing")
    with pytest.raises(UsageError, match=r"the sheet .*sheet.xlsx is no Excel workbook that can be read"):
        read_sheet(tmp_path / "sheet.xlsx", "sheet")
    with pytest.raises(UsageError, match="cannot be read"):
        read_sheet(tmp_path / "none.csv", "sheet")
