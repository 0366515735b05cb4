"""Reports in a real browser that has a network: what a submission wrote runs nothing and calls nobody.

The pages may call a server of this test's that listens. That it would hear them is seen first, with pages that a less
careful grader would write.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from grader.outcome import Verdict
from grader.report import html
from grader.report.build import build, student_view
from tests.grader.report.samples import BEFORE, grade, outcome, wrong_tensor

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed"),
]
CALLS = {
    "image": '<img src="{home}/image">',
    "style sheet": '<link rel="stylesheet" href="{home}/sheet">',
    "style": "<style>body {{ background: url({home}/style) }}</style>",
    "script": '<script src="{home}/script"></script>',
    "fetch": "<script>fetch('{home}/fetch', {{mode: 'no-cors'}})</script>",
    "frame": '<iframe src="{home}/frame"></iframe>',
    "picture in a picture": '<svg><image href="{home}/svg"/></svg>',
    "refresh": '<meta http-equiv="refresh" content="0;url={home}/refresh">',
}


class Server(ThreadingHTTPServer):
    heard: list[str]


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            opened.heard.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    opened = Server(("127.0.0.1", 0), Handler)
    opened.heard = []
    thread = threading.Thread(target=opened.serve_forever, args=(0.05,))
    thread.start()
    yield opened
    opened.shutdown()
    thread.join()
    opened.server_close()


def home(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def everything(server: Server) -> str:
    return "\n".join(text.format(home=home(server)) for text in CALLS.values())


def show(page: str, folder) -> None:
    path = folder / "page.html"
    path.write_text(page, "utf-8")
    command = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    command += ["--disable-background-networking", "--virtual-time-budget=2000", f"--user-data-dir={folder}/profile"]
    seen = subprocess.run(
        [*command, "--dump-dom", path.as_uri()], capture_output=True, text=True, timeout=60, check=False
    )
    assert "<html" in seen.stdout


@pytest.mark.parametrize("call", CALLS)
def test_a_page_without_escaping_calls_home(server, tmp_path, call):
    show(f"<!doctype html><html><body>{CALLS[call].format(home=home(server))}</body></html>", tmp_path)
    assert server.heard


@pytest.mark.parametrize("view", ["student", "staff"])
def test_a_report_calls_nobody(server, tmp_path, assignment, view):
    text = everything(server)
    bad = outcome("d", "backward", verdict=Verdict.ERROR, message=text, evidence=wrong_tensor(), staff_detail=text)
    grading = grade(
        outcome("a", message=text), outcome("b"), outcome("c", "backward"), bad, submission=text, problem=text
    )
    staff = build(assignment, grading)
    page = html.render(staff if view == "staff" else student_view(staff, assignment, BEFORE))
    assert home(server) in page
    show(page, tmp_path)
    assert server.heard == []


def test_what_got_past_the_escaping_would_still_call_nobody(server, tmp_path, assignment):
    """The policy in the head is a second wall: this page holds the elements themselves."""
    text = everything(server).replace(CALLS["refresh"].format(home=home(server)), "")  # no policy forbids to move on
    staff = build(assignment, grade(outcome("a"), outcome("b"), outcome("c", "backward"), outcome("d", "backward")))
    page = html.render(staff).replace("<main>", "<main>" + text)
    assert "<script>fetch" in page
    show(page, tmp_path)
    assert server.heard == []
