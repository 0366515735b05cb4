from __future__ import annotations

import json

from tests.benchmarks import gradebook


def test_the_benchmark_draws_a_class_and_measures_it(tmp_path, capsys):
    assert (
        gradebook.main(["-n", "6", "--checks", "16", "--homeworks", "2", "--json", str(tmp_path / "facts.json")]) == 0
    )
    facts = json.loads((tmp_path / "facts.json").read_text())
    assert (facts["students"], facts["checks"], facts["homeworks"]) == (6, 16, 2)
    assert facts["memory"] >= facts["entries_memory"] > 0
    assert facts["page_bytes"] > 10_000
    assert "no target at this size" in capsys.readouterr().out


def test_the_drawn_class_is_the_same_every_time_and_all_of_it_has_grades():
    entries, assignments = gradebook.draw_class(20, 60, 1)
    assert entries == gradebook.draw_class(20, 60, 1)[0]
    assert {name: one.points for name, one in assignments.items()} == {"hw1": 100}
    assert all(entry.report.faults == () and 0 <= entry.score <= 100 for entry in entries)
    assert len({entry.score for entry in entries}) > 5
