"""docs/cluster/kubernetes.yaml by its form; there is no Kubernetes here, and none is claimed."""

from __future__ import annotations

import click
import pytest
import yaml

from grader.commands.cli import main
from tests.grader.run.cluster.machines import ROOT

MANIFEST = yaml.safe_load((ROOT / "docs" / "cluster" / "kubernetes.yaml").read_text())


def test_it_is_a_cluster_of_the_operator():
    assert (MANIFEST["apiVersion"], MANIFEST["kind"]) == ("kubernetes.dask.org/v1", "DaskCluster")
    assert set(MANIFEST["spec"]) == {"scheduler", "worker"}
    assert set(MANIFEST["spec"]["worker"]) == {"replicas", "spec"}
    assert set(MANIFEST["spec"]["scheduler"]) == {"spec", "service"}
    selector = MANIFEST["spec"]["scheduler"]["service"]["selector"]
    assert selector["dask.org/cluster-name"] == MANIFEST["metadata"]["name"]


@pytest.mark.parametrize("role", ["scheduler", "worker"])
def test_its_commands_are_the_graders_and_the_key_is_mounted(role):
    spec = MANIFEST["spec"][role]["spec"]
    (container,) = spec["containers"]
    name, *arguments = container["args"]
    assert name == "grader"
    command: click.Command = main
    while isinstance(command, click.Group):
        command = command.commands[arguments.pop(0)]
    command.make_context(command.name, arguments)
    (mount,) = container["volumeMounts"]
    (volume,) = spec["volumes"]
    assert mount["name"] == volume["name"]
    assert volume["secret"]["defaultMode"] == 0o400
    assert {"name": "GRADER_CERTIFICATES", "value": mount["mountPath"]} in container["env"]


def test_workers_find_the_schedulers_service():
    (port,) = MANIFEST["spec"]["scheduler"]["service"]["ports"]
    (container,) = MANIFEST["spec"]["worker"]["spec"]["containers"]
    assert container["args"][-1] == f"tls://{MANIFEST['metadata']['name']}-scheduler:{port['port']}"
