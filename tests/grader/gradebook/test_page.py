from __future__ import annotations

import base64
import hashlib
import random
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings

from grader.gradebook import write_class_page
from grader.gradebook.entry import Adjustment, Student
from grader.gradebook.frames import GradebookError
from grader.gradebook.page import lateness, link, render
from grader.outcome import Place, Verdict
from tests.grader.gradebook.samples import AVERAGED, FLIPPED, HOSTILE, assignment, classes, entry, report, small
from tests.grader.report.test_html import Page

ONE = {"hw1": assignment("hw1")}
BOTH = ONE | {"hw2": assignment("hw2")}
MARK = "<script>document.documentElement.className='pwned'</script><img src=x onerror=\"document.documentElement.className='pwned'\">"
# The page as a reader finds it, after its script.
ROWS = "[...document.querySelectorAll('table.sortable tbody tr')].map(row => [...row.cells].map(cell => cell.innerText.trim()))"


def class_of(n, seed=1):
    draw = random.Random(seed)
    entries = []
    for i in range(n):
        verdicts = {check: draw.choice([Verdict.PASSED, Verdict.FAILED]) for check in "abcd"}
        found = {
            check: draw.choice([FLIPPED, AVERAGED]) for check, verdict in verdicts.items() if verdict is Verdict.FAILED
        }
        graded = report(verdicts, found, submission=f"s{i}")
        late = draw.choice([0.0, 0.0, 7_200.0, 100_000.0])
        student = Student(
            str(1000 + i), draw.choice(["Ada", "Émile", "Zoë", "陳", "bo"]) + f" {i}", section=draw.choice("AB")
        )
        entries.append(entry(student, graded, late_seconds=late, page=f"s{i}/report.html"))
    return entries


def opened(tab, tmp_path, entries, assignments=ONE, width=1280):
    write_class_page(entries, assignments, tmp_path / "class.html")
    tab.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    for noted in (tab.requests, tab.refused, tab.failures):
        noted.clear()
    tab.open(tmp_path / "class.html")
    return tab


def svgs(page):
    return re.findall(r'<svg[^>]*class="plot".*?</svg>', page, re.DOTALL)


def test_the_page_is_whole_and_only_its_writer_reads_it(tmp_path):
    for assignments in (ONE, BOTH):
        entries = [one for one in small() if one.assignment in assignments]
        write_class_page(entries, assignments, tmp_path / "run" / "class.html")
        path = tmp_path / "run" / "class.html"
        Page(path.read_text("utf-8"))
        assert path.stat().st_mode & 0o077 == 0


def test_the_policy_allows_one_sheet_and_one_script_and_nothing_else():
    page = render(class_of(5), ONE)
    policy = next(a["content"] for t, a in Page(page).elements if a.get("http-equiv") == "Content-Security-Policy")
    found = {tag: re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL) for tag in ("style", "script")}
    assert [len(texts) for texts in found.values()] == [1, 1]
    hashes = {tag: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for tag, (text,) in found.items()}
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{hashes['script']}'; style-src 'sha256-{hashes['style']}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_a_browser_asks_for_nothing_and_refuses_nothing(tab, tmp_path):
    opened(tab, tmp_path, class_of(40))
    assert tab.run("document.querySelectorAll('svg.plot').length") == 4
    assert tab.requests == [(tmp_path / "class.html").as_uri()]
    assert tab.refused == []
    assert tab.failures == []


def test_nothing_of_a_students_runs_or_leads_elsewhere(tab, tmp_path):
    addresses = ("javascript:alert(1)", "//evil.example/x", "https://evil.example", "a b/'\">.html", "\udc80")
    bad = [
        entry(
            Student(f"{i}{text}", text + MARK, text + MARK, text + MARK),
            report({"a": Verdict.ERROR}, {"c": FLIPPED}, submission=text + MARK),
            page=addresses[i % len(addresses)],
            deduction=1.0,
            deduction_reason=text + MARK,
            late_seconds=60.0,
            adjustments=(Adjustment(1, text + MARK, text + MARK),),
        )
        for i, text in enumerate(HOSTILE)
    ]
    lost = [
        entry(Student("lost", MARK), None, attempt=MARK, problem=MARK),
        entry(Student("infra", MARK), report({"a": Verdict.INFRA})),
    ]
    opened(tab, tmp_path, [*bad, *lost])
    assert tab.run("document.documentElement.className") == ""
    assert tab.run("document.querySelectorAll('script').length") == 1
    assert tab.run("document.querySelectorAll('img, iframe, object, embed, form, link, base').length") == 0
    assert tab.requests == [(tmp_path / "class.html").as_uri()]
    assert tab.failures == []
    links = tab.run("[...document.querySelectorAll('a')].map(a => a.href)")
    assert len(links) > len(bad)
    folder = tmp_path.as_uri()
    assert all(address.startswith(folder) and urlsplit(address).scheme == "file" for address in links)
    assert MARK in tab.run("document.body.innerText")


@pytest.mark.long
@settings(max_examples=8, deadline=None)
@given(classes(("hw1", "hw2")))
def test_no_text_changes_the_pages_elements(entries):
    page = Page(render(entries, BOTH))
    assert sum(tag == "script" for tag, _ in page.elements) == 1
    assert not {tag for tag, _ in page.elements} & {"img", "iframe", "object", "embed", "form", "link", "base"}
    assert not [
        name for _, attributes in page.elements for name in attributes if name == "style" or name.startswith("on")
    ]


@pytest.mark.long
@settings(max_examples=8, deadline=None)
@given(classes(("hw1", "hw2")))
def test_the_order_of_entries_changes_nothing(entries):
    assert render(entries, BOTH) == render(entries[::-1], BOTH)


@pytest.mark.parametrize(
    ("column", "number"), [(0, False), (1, True), (2, True), (4, True), (5, False), (6, False), (7, False)]
)
def test_a_press_sorts_by_a_column_and_the_next_one_the_other_way(tab, tmp_path, column, number):
    entries = [
        *class_of(30),
        entry(Student("9", "Nobody"), None),
        entry(Student("10", "Unlucky"), report({"a": Verdict.INFRA})),
    ]
    opened(tab, tmp_path, entries)
    before = tab.run(ROWS)
    press = f"document.querySelectorAll('table.sortable thead button')[{column}].click()"
    sort = f"[...document.querySelectorAll('table.sortable thead th')].map(head => head.getAttribute('aria-sort'))[{column}]"
    tab.run(press)
    up = tab.run(ROWS)
    assert tab.run(sort) == "ascending"
    assert tab.run("document.getElementById('sorted').textContent").endswith(", ascending.")
    tab.run(press)
    down = tab.run(ROWS)
    assert tab.run(sort) == "descending"
    assert tab.run("document.querySelectorAll('table.sortable [aria-sort$=ending]').length") == 1
    assert sorted(map(tuple, up)) == sorted(map(tuple, down)) == sorted(map(tuple, before))
    if number:
        values = [[_number(row[column]) for row in rows] for rows in (up, down)]
        known = [value for value in values[0] if value is not None]
        assert values[0] == sorted(known) + [None] * (len(up) - len(known))
        assert values[1] == sorted(known, reverse=True) + [None] * (len(up) - len(known))
    else:
        texts = [row[column] for row in up if row[column]]
        assert not any(row[column] for row in up[len(texts) :])
        assert texts[0] != texts[-1]
        assert [text for text in texts if text.isascii()] == sorted((t for t in texts if t.isascii()), key=_folded)


def _number(text):
    if re.fullmatch(r"[0-9.]+\*?", text):
        return float(text.rstrip("*"))
    units = {"d": 1440, "h": 60, "min": 1}
    return sum(int(n) * units[unit] for n, unit in re.findall(r"(\d+) (d|h|min)", text)) or None


def _folded(text):
    return [int(piece) if piece.isdigit() else piece.casefold() for piece in re.split(r"(\d+)", text)]


def test_the_table_is_sorted_from_the_keyboard(tab, tmp_path):
    opened(tab, tmp_path, class_of(12))
    tab.run("document.querySelectorAll('table.sortable thead button')[1].focus()")
    tab.press("Enter", 13)
    assert tab.run("document.getElementById('sorted').textContent") == "Sorted by Score, ascending."
    scores = [float(row[1]) for row in tab.run(ROWS)]
    assert scores == sorted(scores)
    tab.press(" ", 32)
    assert tab.run("document.getElementById('sorted').textContent") == "Sorted by Score, descending."
    assert [float(row[1]) for row in tab.run(ROWS)] == scores[::-1]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("assignments", [ONE, BOTH], ids=["one", "both"])
def test_the_page_is_as_wide_as_the_screen(tab, tmp_path, width, assignments):
    entries = class_of(25)
    entries += (
        [replace(one, assignment="hw2", report=None, score=None) for one in entries] if assignments is BOTH else []
    )
    opened(tab, tmp_path, entries, assignments, width)
    assert tab.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    smallest = tab.run(
        "Math.min(...[...document.querySelectorAll('figure:not(.whole) svg.plot')].map(plot => plot.getBoundingClientRect().width / plot.viewBox.baseVal.width))"
    )
    assert smallest > 0.7  # of the drawn size, 11 pixels for a letter


def test_pictures_follow_light_and_dark(tab, tmp_path):
    opened(tab, tmp_path, class_of(25))
    colours = "[...document.querySelectorAll('svg.plot [fill^=\"var(\"]')].map(shape => getComputedStyle(shape).fill)"
    seen = {}
    for scheme in ("light", "dark"):
        tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        seen[scheme] = tab.run(colours)
    tab.call("Emulation.setEmulatedMedia", features=[])
    assert "rgb(23, 105, 76)" in seen["light"]  # --good
    assert "rgb(111, 208, 165)" in seen["dark"]
    assert not set(seen["light"]) & {"rgb(0, 0, 0)"}  # a variable that does not exist would be black


def test_pictures_say_what_they_show():
    entries = [
        entry("ada", report()),
        entry("ben", report({"a": Verdict.FAILED}, {"a": FLIPPED})),
        entry("cem", report({"c": Verdict.ERROR, "d": Verdict.ERROR})),
    ]
    page = render(entries, ONE)
    scores, verdicts, heat, items = svgs(page)
    assert 'aria-label="Scores of hw1: 3 students, mean 14.7"' in scores
    assert "1 student: 20 to 20 or more points" not in scores
    assert re.findall(r"<title>(\d+) students?: (\d+) to", scores) == [("1", "10"), ("1", "14"), ("1", "19")]
    assert "forward: 83.3% passed" in verdicts
    assert "backward: 33.3% raised an error" in verdicts
    assert re.findall(r"<title>(.*?)</title>", heat) == ["Cem: 10 / 20", "Ben: 14 / 20", "Ada: 20 / 20"]
    assert "difficulty 0.67, discrimination -0.50" in items


def test_the_page_names_the_commonest_mistakes_in_the_students_words():
    entries = [
        entry(f"s{i}", report(diagnoses={"c": AVERAGED} if i < 3 else {"a": FLIPPED} if i == 3 else {}))
        for i in range(5)
    ]
    page = Page(render(entries, ONE))
    text = " ".join(page.text.split())
    assert "3 of 5You divide by N − 1." in text
    assert text.index("You divide by N") < text.index("Your kernel is upside down.")


def test_places_on_the_leaderboard_are_a_column():
    entries = [entry("ada", report(place=Place("accuracy", 0.875))), entry("ben", report())]
    assert "accuracy" in Page(render(entries, ONE)).text
    assert "0.875" in Page(render(entries, ONE)).text
    assert "accuracy" not in Page(render(entries[1:], ONE)).text


def test_withheld_diagnoses_are_not_said_to_be_read():
    page = render([entry("ada", report(diagnoses={"c": AVERAGED}, visibility="hidden"))], ONE)
    assert "students do not see it: its checks are withheld" in page
    assert "students do not see it" not in render([entry("ada", report(diagnoses={"c": AVERAGED}))], ONE)


def test_who_has_no_grade_is_said_loudly_and_is_no_zero(tab, tmp_path):
    entries = [
        entry("ada", report()),
        entry("ben", report({"d": Verdict.INFRA})),
        entry("cem", None, attempt="cem", problem="The archive is damaged."),
    ]
    opened(tab, tmp_path, entries)
    alert = tab.run("document.querySelector('[role=alert]').innerText")
    assert "1 submission without a grade: the grader failed" in alert
    assert "Ben" in alert
    assert "The archive is damaged." in tab.run("document.body.innerText")
    rows = {row[0]: row for row in tab.run(ROWS)}
    assert (rows["Ben"][1], rows["Cem"][1], rows["Ada"][1]) == ("–", "–", "20")
    assert (rows["Ben"][5], rows["Cem"][5].split("*")[0].strip()) == ("not graded", "not graded")


def test_late_slow_and_flat_are_listed():
    slow = report(submission="slow")
    slow = slow.model_copy(update={"provenance": replace(slow.provenance, seconds=77.5)})
    entries = [
        entry("ada", slow, page="ada/report.html"),
        entry(
            "ben", report({"a": Verdict.FAILED}), late_seconds=93_600.0, deduction=4.0, deduction_reason="2 days at 10%"
        ),
    ]
    text = " ".join(Page(render(entries, ONE)).text.split())
    assert "1 late submission" in text
    assert "Ben 1 d 2 h −4 2 days at 10%" in re.sub(
        r"(?<=[a-z0-9])(?=[−A-Z])|(?<=h)(?=−)|(?<=4)(?=2 days)|(?<=Ben)(?=1)", " ", text
    )
    assert "77.50" in text
    assert "3 checks that never separate anyone" in text
    assert "all 2 have 4 points of 4" in text


def test_late_days_used_and_left_stand_in_the_table_of_a_course_that_has_them():
    spent = entry("ada", report(), late_seconds=60.0, late_days_used=1, late_days_left=2)
    page = render([spent, entry("ben", report(), late_days_left=3)], ONE)
    assert re.findall(r"<button type=\"button\">(Late[^<]*)", page) == ["Late", "Late days used", "Late days left"]
    assert '<td class="number" data-v="1">1</td><td class="number" data-v="2">2</td>' in page
    assert '<td class="number" data-v="0">0</td><td class="number" data-v="3">3</td>' in page
    assert "Late days" not in render([entry("ada", report(), late_seconds=60.0)], ONE)


def test_scores_lead_to_reports(tab, tmp_path):
    opened(tab, tmp_path, [entry("ada", report(), page="ada lovelace/report.html"), entry("ben", report())])
    links = tab.run("[...document.querySelectorAll('table.sortable a')].map(a => a.href)")
    assert links == [f"{tmp_path.as_uri()}/ada%20lovelace/report.html"]


def test_several_homeworks_share_one_table(tab, tmp_path):
    opened(tab, tmp_path, small(), BOTH)
    heads = tab.run(
        "[...document.querySelectorAll('table.sortable thead th')].map(head => head.innerText.trim().replace(/[↕↑↓]/g, ''))"
    )
    assert heads == ["Student", "hw1", "hw2", "Total", "Without score", "Section", "Id"]
    rows = {row[0]: row[1:5] for row in tab.run(ROWS)}
    assert {name: [re.split(r"\*|\n", cell)[0] for cell in row] for name, row in rows.items()} == {
        "Ada": ["20", "18.5", "38.5", "0"],
        "Ben": ["11", "–", "11", "1"],
        "Cem": ["–", "–", "–", "2"],
    }
    assert "2 homeworks" in tab.run("document.title")


def test_a_class_without_anybody_has_a_page(tab, tmp_path):
    opened(tab, tmp_path, [])
    assert "Nobody has a grade here yet." in tab.run("document.body.innerText")
    Page(render([], {}))


def test_entries_that_contradict_each_other_are_refused(tmp_path):
    with pytest.raises(GradebookError, match="two entries"):
        write_class_page([*small(), *small()], BOTH, tmp_path / "class.html")
    assert list(Path(tmp_path).iterdir()) == []


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("", ""),
        ("a/report.html", "./a/report.html"),
        ("javascript:x", "./javascript%3Ax"),
        ("//e.example", ".///e.example"),
        ("a b?c#d", "./a%20b%3Fc%23d"),
    ],
)
def test_a_link_stays_in_the_folder(page, address):
    assert link(entry("ada", page=page)) == address


@pytest.mark.parametrize(
    ("late", "said"),
    [(30, "1 min"), (2_700, "45 min"), (3_600, "1 h"), (3_900, "1 h 5 min"), (86_400, "1 d"), (97_200, "1 d 3 h")],
)
def test_lateness_is_said_as_people_say_it(late, said):
    assert lateness(late) == said
