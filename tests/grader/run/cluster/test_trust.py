from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.run.cluster import joining, trust
from grader.run.cluster.trust import make_certificates, security

ROOT = Path(__file__).parents[4]


def test_the_key_is_for_its_owner_alone_and_never_replaced(tmp_path):
    make_certificates(tmp_path / "c")
    assert stat.S_IMODE((tmp_path / "c").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "c" / trust.KEY).stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="is there already"):
        make_certificates(tmp_path / "c")
    found = security("tls://127.0.0.1:1", tmp_path / "c", insecure=False)
    assert found.require_encryption
    assert found.get_tls_config_for_role("worker")["key"] == str(tmp_path / "c" / trust.KEY)
    (tmp_path / "c" / trust.KEY).chmod(0o644)
    with pytest.raises(UsageError, match="can be read by others"):
        security("tls://127.0.0.1:1", tmp_path / "c", insecure=False)


@pytest.mark.parametrize(
    ("address", "insecure", "sentence"),
    [
        ("tcp://h:1", False, "or say --insecure"),
        ("tls://h:1", True, "--insecure is for tcp"),
        ("tls://h:1", False, "needs --certificates"),
        *((one, False, "is no scheduler's address") for one in ("h:1", "tls://h", "tls://h:x", "tls://", "")),
        ("tcp://h", True, "is no scheduler's address"),
    ],
)
def test_what_is_not_safe_has_to_be_said(address, insecure, sentence):
    with pytest.raises(UsageError, match=sentence):
        security(address, None, insecure=insecure)


def test_dask_reads_the_configuration(tmp_path):
    make_certificates(tmp_path / "c")
    code = (
        "import dask, distributed; s = distributed.security.Security();"
        "print(s.require_encryption, s.tls_worker_key, dask.config.get('distributed.worker.http.routes'))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={"DASK_CONFIG": str(tmp_path / "c")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.split() == ["True", str(tmp_path / "c" / trust.KEY), "[]"]


def test_a_scheduler_without_a_page_runs_until_it_is_ended(tmp_path):
    make_certificates(tmp_path / "c")
    command = [sys.executable, "-m", "grader", "cluster", "scheduler", "tls://127.0.0.1:0", "--certificates"]
    with subprocess.Popen([*command, str(tmp_path / "c")], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().startswith("scheduler at tls://127.0.0.1:")
        process.terminate()
        assert process.wait(20) == 0
    assert joining.REJOIN_SECONDS < 10
