"""What docker/compose.yaml asks of an engine. A judge in such a container: `make test-docker`."""

from __future__ import annotations

from grader.commands.package.image import JUDGE_IMAGE
from tests.containers import compose


def test_the_service_is_the_judges_image_behind_every_wall():
    assert compose.SERVICE["image"] == JUDGE_IMAGE
    folders = {"COURSE": "/a", "SUBMISSIONS": "/b", "OUT": "/c"}
    assert compose.options(folders) == [
        "--network=none", "--user=root", "--read-only", "--cap-drop=ALL",
        "--cap-add=SETUID", "--cap-add=SETGID", "--cap-add=KILL", "--cap-add=DAC_OVERRIDE",
        "--security-opt=no-new-privileges:true",
        "--tmpfs=/tmp:rw,nosuid,nodev,noexec,size=128m,mode=1777",
        "--tmpfs=/run:rw,nosuid,nodev,noexec,size=64m,mode=755",
        "--shm-size=512m", "--memory=4g", "--pids-limit=512", "--volume=/a:/course:ro", "--volume=/b:/submissions:ro", "--volume=/c:/out",
    ]  # fmt: skip


def test_every_folder_has_to_be_named():
    assert all(":?" in volume for volume in compose.SERVICE["volumes"])
