"""Every banned operator called by every key that torch's dispatcher knows: nothing must compute.

A refusing kernel stands on each key that can be named in a registration. The rest, ranges of keys, backends that this
torch was built without and keys of its tests, are only reached by `redispatch`, which takes any set of bits; some of
them end the process. So each set of keys has a fork of its own.

    python -m tests.grader.redispatched            all homeworks, with every backend
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

ASSIGNMENTS = Path(__file__).parents[2] / "assignments"
SECONDS = 30  # for all operators by one set of keys
CONV, NORM = "conv", "norm"
# Names of arguments and what they get: like a convolution's, then like a norm's. Others go by their type.
_X = {"input", "self", "x", "qx", "data", "mat1", "grad_output", "grad", "grad_out", "dout", "tensor", "out_grad"}
_NAMED: dict[str, dict[str, Any]] = {
    CONV: {
        "weight": (3, 2, 2, 2),
        "bias": None,
        "kernel_size": 2,
        "stride": 1,
        "padding": 0,
        "output_padding": 0,
        "dilation": 1,
        "output_size": 4,
        "groups": 1,
        "bias_sizes": None,
    },
    NORM: {
        "weight": (2,),
        "gamma": (2,),
        "bias": (2,),
        "beta": (2,),
        "running_mean": (2,),
        "running_var": (2,),
        "mean": (2,),
        "rstd": (2,),
        "invstd": (2,),
        "save_mean": (2,),
        "save_invstd": (2,),
        "normalized_shape": 5,
        "N": 1,
        "C": 2,
        "HxW": 25,
        "group": 1,
        "num_groups": 1,
        "p": 0.5,
        "dim": 1,
        "input_dtype": torch.float32,
        "reduction": 1,
        "train": True,
        "training": True,
    },
}


def patterns() -> dict[str, list[str]]:
    """Homework → its bans, of those that have any."""
    read = {path.parent.name: tomllib.loads(path.read_text()) for path in sorted(ASSIGNMENTS.glob("*/assignment.toml"))}
    return {name: settings["banned"] for name, settings in read.items() if settings.get("banned")}


def key_sets(*, everything: bool) -> dict[str, int]:
    """Name → bits of each set of one functionality, and of one backend where there are several.

    Not `everything`: of the backends only the CPU, the meta device, one of another chip and one that is not built in.
    """
    backends = torch._C._dispatch_num_backends()
    some = range(backends) if everything else [0, 1, 3, backends - 1]
    split = {"Dense", "Quantized", "Sparse", "SparseCsr", "NestedTensor", "AutogradFunctionality"}
    per_backend = {torch._C.DispatchKeySet(getattr(torch._C.DispatchKey, name)).raw_repr() for name in split}
    sets = {"nothing": 0}
    sets |= {f"backend {backend}": 1 << backend for backend in some}
    for bit in range(backends, 64):  # the last of which are no keys at all
        sets[f"bit {bit}"] = 1 << bit
        for backend in some if 1 << bit in per_backend else ():
            sets[f"bit {bit}, backend {backend}"] = 1 << bit | 1 << backend
    return sets


def arguments(schema: Any, like: str) -> dict[str, Any]:
    """Arguments of the right types for an operator, by their names."""
    return {argument.name: _argument(argument, like) for argument in schema.arguments}


def _argument(argument: Any, like: str) -> Any:
    kind = str(argument.type)
    value = _NAMED[like].get(argument.name, argument.default_value)
    if argument.name in _X and "Tensor" in kind:
        value = (1, 2, 5, 5)
    if kind.startswith("Optional") and value is None:
        return None
    kind = kind.removeprefix("Optional[").rstrip("]") if kind.startswith("Optional") else kind
    if kind.startswith("List["):
        inner = kind[5:].rstrip("]")
        if isinstance(value, list):
            return value
        one = _of_type(inner, value)
        return [one, one]
    return _of_type(kind, value)


def _of_type(kind: str, value: Any) -> Any:
    if kind == "Tensor":
        return torch.ones(value if isinstance(value, tuple) else (1, 2, 5, 5))
    plain = {"int": 1, "SymInt": 1, "float": 0.5, "bool": True, "number": 1, "Scalar": 1, "str": "none"}
    plain |= {
        "Device": "cpu",
        "ScalarType": torch.float32,
        "Layout": torch.strided,
        "MemoryFormat": torch.preserve_format,
    }
    return plain.get(kind, 1) if value is None or isinstance(value, tuple) else value


def prepared(names: list[str]) -> list[tuple[str, Any, dict[str, Any]]]:
    """Each overload, "aten::conv2d.padding", as something that can be called, with arguments like each kind's.

    Without those that take an object of TorchScript's, packed weights, for nothing makes one.
    """
    calls = []
    for full in names:
        namespace, _, name = full.partition("::")
        base, _, overload = name.partition(".")
        operator = getattr(getattr(getattr(torch.ops, namespace), base), overload or "default")
        if "__torch__" not in str(operator._schema):
            calls += [(full, operator, arguments(operator._schema, like)) for like in (CONV, NORM)]
    return calls


def in_a_fork(todo: Any) -> tuple[dict[str, int], list[str]]:
    """How often each outcome came in a process of its own, and what computed. "ended": the process did not survive."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)  # what a process says that ends itself
        with open(writer, "w") as file:
            for outcome, name in todo():
                print(json.dumps([outcome, name]), file=file, flush=True)
            print(json.dumps(["done", ""]), file=file, flush=True)
        os._exit(0)
    os.close(writer)
    with open(reader) as file:
        outcomes = [json.loads(line) for line in file if line.endswith("\n")]
    os.waitpid(child, 0)
    counted = Counter(outcome for outcome, _ in outcomes)
    if not counted.pop("done", 0):
        counted["ended"] += 1
    return dict(counted), [name for outcome, name in outcomes if outcome == "computed"]


def called(calls: list[tuple[str, Any, dict[str, Any]]], keys: Any = None) -> Iterator[tuple[str, str]]:
    """The outcome of each call, by these keys or as any call."""
    for full, operator, given in calls:
        try:
            operator(**given) if keys is None else operator.redispatch(keys, **given)
        except Exception as error:  # noqa: BLE001 - whatever an operator says to arguments that do not fit
            yield ("refused" if "this assignment forbids" in str(error) else "cannot be called"), full
        else:
            yield "computed", full


def tried(banned: list[str], *, everything: bool) -> dict[str, tuple[dict[str, int], list[str]]]:
    """Set of keys → what came of all banned operators by it; "before": of ordinary calls before the ban.

    Not `everything`: one overload of each operator.
    """
    from grader.guest import bans, no_compiler

    torch.set_num_threads(1)
    no_compiler.install()
    globs = [pattern for pattern in banned if pattern != bans.AUTOGRAD]
    names = sorted(bans.matching(globs, torch._C._dispatch_get_all_op_names()))
    if not everything:
        names = list({name.split(".")[0]: name for name in reversed(names)}.values())
    calls = prepared(names)
    found = {"before": in_a_fork(lambda: called(calls))}
    bans.ban(banned)
    for name, bits in key_sets(everything=everything).items():
        keys = torch._C.DispatchKeySet.from_raw_repr(bits)
        found[name] = in_a_fork(lambda keys=keys: called(calls, keys))
    return found


def of_homework(name: str, *, everything: bool) -> dict[str, tuple[dict[str, int], list[str]]]:
    """`tried` with a homework's bans, in a process of its own, for they cannot be lifted."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.grader.redispatched", name, *["everything"] * everything]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    found: dict[str, tuple[dict[str, int], list[str]]] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> int:
    """All homeworks; or, given a name, that one in this process, for `of_homework`."""
    if sys.argv[1:]:
        print(json.dumps(tried(patterns()[sys.argv[1]], everything=sys.argv[2:] == ["everything"])))
        return 0
    wrong = 0
    for name in patterns():
        found = of_homework(name, everything=True)
        before, _ = found.pop("before")
        total = sum((Counter(counts) for counts, _ in found.values()), Counter[str]())
        print(
            f"{name}: {before.get('computed', 0)} calls compute without the ban; {len(found)} sets of keys: {dict(total)}"
        )
        for keys, (_, computed) in found.items():
            wrong += len(computed)
            if computed:
                print(f"  by {keys}: {', '.join(computed)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
