"""A search of torch's own Python for twins of what a homework bans: functions that compute the same by allowed operators.

    python -m tests.hostile.twins [--control] [HOMEWORK ...]

torch carries many operators once more in Python, for its compiler. The ban takes those out that it knows by their names;
this looks for the others. With a homework's bans in force, and only the packages that a submission finds, every module of
torch that can be imported is, and each function in them, public or private, is called with arguments like those of a
convolution, a pooling, a norm, a dropout and a softmax, in a fork and for a second at most. What it answers is compared
with what the banned operators answered before the ban. To be run on each new version of torch: exit code 1 if there are
twins. With `--control` nothing is banned, and it has to find those that torch has.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import inspect
import io
import json
import os
import pkgutil
import signal
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

import torch
import torch.nn.functional as F

from tests.grader.redispatched import patterns

ROOT = Path(__file__).parents[2]
SECONDS = 1  # for one function with one template
IN_A_FORK = 20  # functions, unless one of them ends it
MOST_IMPORT_SECONDS = 20
NOT_IMPORTED = (
    ".testing._internal",
    ".__main__",
    ".examples.",
    "_test_",
    ".test.",
    "torch._inductor.fx_passes.serialized",
)
TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}

torch.manual_seed(0)
X, W, B = torch.randn(2, 3, 6, 5), torch.randn(4, 3, 3, 2), torch.randn(4)
ROWS, LINE = torch.randn(5, 3), torch.randn(4, 3)
SIGNAL, FILTER = torch.randn(2, 3, 9), torch.randn(4, 3, 3)
MEAN, VARIANCE, GAMMA, BETA = torch.randn(3), torch.rand(3) + 0.5, torch.randn(3), torch.randn(3)
SCORES, LABELS = torch.randn(5, 3), torch.tensor([0, 2, 1, 1, 0])
DOUT = torch.randn(5, 3)


def expected() -> dict[str, list[torch.Tensor]]:
    """What the banned operators answer to the templates, while they still do."""
    flipped = W.flip(2, 3)
    probabilities = F.softmax(SCORES, 1)
    turned = X.transpose(0, 1).reshape(3, -1)
    batch = F.batch_norm(X, None, None, GAMMA, BETA, training=True)
    layer = F.layer_norm(X, X.shape[1:])
    return {
        "convolution": [
            F.conv2d(X, W), F.conv2d(X, W, B), F.conv2d(X, flipped), F.conv1d(SIGNAL, FILTER),
            F.conv_transpose2d(X, W.transpose(0, 1)), F.conv2d(X, W, padding=1), F.conv2d(X, W, stride=2),
        ],
        "columns": [F.unfold(X, (3, 2)), F.unfold(X, (2, 2)), F.fold(F.unfold(X, (2, 2)), (6, 5), (2, 2))],
        "pooling": [
            F.max_pool2d(X, 2), F.avg_pool2d(X, 2), F.max_pool2d(X, 2, 1), F.avg_pool2d(X, 2, 1), F.max_pool1d(SIGNAL, 2),
            F.adaptive_avg_pool2d(X, 2), F.adaptive_max_pool2d(X, 2),
        ],
        "linear": [F.linear(ROWS, LINE, B)],  # without a bias it is torch.inner
        "norm": [
            batch, F.batch_norm(X, MEAN, VARIANCE, GAMMA, BETA), F.batch_norm(X, None, None, training=True),
            F.batch_norm(X, MEAN, VARIANCE), F.layer_norm(X, (5,)), layer, F.group_norm(X, 3), F.group_norm(X, 3, GAMMA, BETA),
            F.instance_norm(X), F.rms_norm(X, (5,)), F.layer_norm(turned, (turned.shape[1],)),
        ],
        "softmax": [
            probabilities, F.log_softmax(SCORES, 1), torch.logsumexp(SCORES, 1), F.cross_entropy(SCORES, LABELS),
            F.nll_loss(SCORES, LABELS), (probabilities - F.one_hot(LABELS, 3)) / 5,
            probabilities * (DOUT - (DOUT * probabilities).sum(1, keepdim=True)),
        ],
    }  # fmt: skip


# Six templates of arguments for each kind of operator.
CONVOLUTIONS = [
    lambda f: f(X, W),
    lambda f: f(X, W, B),
    lambda f: f(X, W, None, [1, 1], [0, 0], [1, 1], 1),
    lambda f: f(X, W, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1),
    lambda f: f(X, W, None, [0, 0], [1, 1], [1, 1], 1),
    lambda f: f(SIGNAL, FILTER),
]
WINDOWS = [
    lambda f: f(X, [2, 2]),
    lambda f: f(X, 2),
    lambda f: f(X, [3, 2], [1, 1], [0, 0], [1, 1]),
    lambda f: f(X, [2, 2], [1, 1], [0, 0], [1, 1]),
    lambda f: f(X, [2, 2], [2, 2]),
    lambda f: f(SIGNAL, 2),
]
LINES = [
    lambda f: f(ROWS, LINE),
    lambda f: f(ROWS, LINE, None),
    lambda f: f(ROWS, LINE, B),
    lambda f: f(LINE, ROWS.T),
    lambda f: f([ROWS], [LINE]),
    lambda f: f(ROWS[None], LINE),
]
NORMS = [
    lambda f: f(X, MEAN.clone(), VARIANCE.clone(), GAMMA, BETA, True, 0.1, 1e-5),
    lambda f: f(X, GAMMA, BETA, MEAN.clone(), VARIANCE.clone(), True, 0.1, 1e-5),
    lambda f: f(X, GAMMA, BETA, MEAN.clone(), VARIANCE.clone(), False, 0.1, 1e-5),
    lambda f: f(X, [5], None, None, 1e-5),
    lambda f: f(X, 3, GAMMA, BETA, 1e-5),
    lambda f: f(X, [0, 2, 3], 1e-5),
]
DROPOUTS = [
    lambda f: f(X, 0.25),
    lambda f: f(X, 0.25, True),
    lambda f: f(X, p=0.25, training=True),
    lambda f: f(X, 0.25, True, True),
    lambda f: f(X, None, 0.25),
    lambda f: f(0.25, X),
]
SOFTMAXES = [
    lambda f: f(SCORES, 1),
    lambda f: f(SCORES, 1, False),
    lambda f: f(SCORES, LABELS),
    lambda f: f(SCORES, LABELS, None, 1, -100),
    lambda f: f(DOUT, F_SOFTMAX, 1, torch.float32),
    lambda f: f(DOUT, F_SOFTMAX, 1),
]
F_SOFTMAX = SCORES.exp() / SCORES.exp().sum(1, keepdim=True)
TEMPLATES: dict[str, list[Callable[[Any], Any]]] = {
    "hw1_conv": CONVOLUTIONS + WINDOWS + LINES,
    "hw2_backprop": SOFTMAXES,
    "hw3_dropout": DROPOUTS,
    "hw4_batchnorm": NORMS,
}
KINDS = {
    "hw1_conv": ("convolution", "columns", "pooling", "linear"),
    "hw2_backprop": ("softmax",),
    "hw3_dropout": (),
    "hw4_batchnorm": ("norm",),
}


class _OnlyWanted(importlib.abc.MetaPathFinder):
    """Refuses what is not in the sandbox: neither torch's and numpy's own requirements nor Python's library."""

    def __init__(self) -> None:
        from grader.sandbox.layout import _packages

        self._there = {Path(mount.target).name.split(".")[0] for mount in _packages()} | {"grader", "tests"}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        top = name.partition(".")[0]
        if top not in self._there and top not in sys.stdlib_module_names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def modules() -> tuple[list[str], list[str]]:
    """The names of torch's modules that could be imported here, and of the others. It imports them."""
    signal.signal(signal.SIGALRM, _stop)
    there, missing = [], []
    waiting = ["torch"]
    while waiting:
        name = waiting.pop(0)
        if any(part in f"{name}." for part in NOT_IMPORTED):
            continue
        try:
            signal.alarm(MOST_IMPORT_SECONDS)
            module = importlib.import_module(name)
            there.append(name)
        except BaseException:
            missing.append(name)
            continue
        finally:
            signal.alarm(0)
        waiting += [info.name for info in pkgutil.iter_modules(getattr(module, "__path__", ()), f"{name}.")]
    return there, missing


def functions(names: list[str]) -> list[tuple[str, Any]]:
    """Each function of these modules once, by its name, and as much of C as they hold."""
    found: dict[int, tuple[str, Any]] = {}
    for name in names:
        for attribute, value in list(vars(sys.modules[name]).items()):
            own = inspect.unwrap(value) if isinstance(value, FunctionType) else value
            if isinstance(own, FunctionType) and getattr(value, "__module__", "").split(".")[0] == "torch":
                found.setdefault(id(value), (f"{name}.{attribute}", value))
    return list(found.values())


def tensors(answer: Any, depth: int = 3) -> Iterator[torch.Tensor]:
    """The tensors in an answer."""
    if isinstance(answer, torch.Tensor):
        yield answer
    elif isinstance(answer, list | tuple) and depth:
        for one in answer[:16]:
            yield from tensors(one, depth - 1)


def twin_of(answer: Any, wanted: dict[str, list[torch.Tensor]], kinds: tuple[str, ...]) -> str:
    """The kind of operator whose answer this is, or nothing."""
    for one in tensors(answer):
        if not one.is_floating_point() or one.layout is not torch.strided or one.device.type != "cpu":
            continue
        one = one.detach()
        if any(one.shape == given.shape and torch.equal(one, given) for given in (X, W, ROWS, SCORES, DOUT, F_SOFTMAX)):
            continue  # handed back
        if not kinds:
            scaled = (one == 0) | ((one - X / 0.75).abs() < 1e-5) if one.shape == X.shape else torch.tensor([False])
            if scaled.all() and 0 < (one == 0).sum() < one.numel():
                return "dropout"
        for kind, like in [(k, tensor) for k in kinds for tensor in wanted[k]]:
            if one.numel() == like.numel() and torch.allclose(one.float().reshape(-1), like.reshape(-1), **TOLERANCE):
                return kind
    return ""


class _TooLong(BaseException):
    pass


def _stop(*_: Any) -> None:
    raise _TooLong


def tried(names: list[tuple[str, Any]], homework: str, wanted: Any) -> Iterator[tuple[int, str]]:
    """For a fork: the number of each function, and "called", "cannot be called", or what it is a twin of."""
    signal.signal(signal.SIGALRM, _stop)
    sys.stdin = io.StringIO()
    for number, (_, function) in enumerate(names):
        outcome = "cannot be called"
        for template in TEMPLATES[homework]:
            torch.manual_seed(1)
            yield number, "begun"
            try:
                signal.setitimer(signal.ITIMER_REAL, SECONDS)
                answer = template(function)
                outcome = "called" if outcome == "cannot be called" else outcome
                kind = twin_of(answer, wanted, KINDS[homework])
                outcome = f"twin: {kind}" if kind else outcome
            except BaseException:
                continue
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        yield number, outcome


def in_forks(found: list[tuple[str, Any]], homework: str, wanted: Any) -> dict[str, str]:
    """Function → outcome; "ended" for one that ended its fork or was still at it long after its time."""
    outcomes: dict[str, str] = {}
    waiting = found
    while waiting:
        batch, waiting = waiting[:IN_A_FORK], waiting[IN_A_FORK:]
        while batch:
            done, last = _forked(partial(tried, batch, homework, wanted), SECONDS * len(TEMPLATES[homework]) + 2)
            outcomes |= {batch[number][0]: outcome for number, outcome in done.items()}
            if last is None:
                break
            outcomes[batch[last][0]] = "ended"
            batch = batch[last + 1 :]
    return outcomes


def _forked(todo: Callable[[], Iterator[tuple[int, str]]], patience: float) -> tuple[dict[int, str], int | None]:
    """Outcomes of the functions that came to an end, and the number of the one that ended the fork, if any did."""
    import select

    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        os.chdir("/tmp")
        for number, outcome in todo():
            os.write(writer, f"{json.dumps([number, outcome])}\n".encode())
        os.write(writer, b'[-1, ""]\n')
        os._exit(0)
    os.close(writer)
    text = b""
    while select.select([reader], [], [], patience)[0] and (piece := os.read(reader, 1 << 16)):
        text += piece
    os.close(reader)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    said = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith(b"\n")]
    done = {number: outcome for number, outcome in said if outcome != "begun" and number >= 0}
    begun = [number for number, outcome in said if outcome == "begun"]
    return done, None if [-1, ""] in said else (begun[-1] if begun else 0)


def search(homework: str, *, banned: bool) -> dict[str, Any]:
    """The search with one homework's bans, in this process, which has them afterwards; not `banned`: without them."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    wanted = expected()
    sys.meta_path.insert(0, _OnlyWanted())
    from grader.guest import bans, no_compiler

    no_compiler.install()
    bans.warm_up()
    if banned:
        bans.ban(patterns()[homework])
    there, missing = modules()
    outcomes = in_forks(functions(there), homework, wanted)
    return {"imported": len(there), "not imported": len(missing), "outcomes": outcomes}


def main() -> int:
    """Each homework in a process of its own."""
    if sys.argv[1:2] == ["--in-this-process"]:
        print(json.dumps(search(sys.argv[2], banned=not sys.argv[3:])))
        return 0
    twins = 0
    control = ["--control"] * ("--control" in sys.argv)
    for homework in [name for name in sys.argv[1:] if name != "--control"] or patterns():
        command = [sys.executable, "-W", "ignore", "-m", "tests.hostile.twins", "--in-this-process", homework, *control]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
        outcomes = found["outcomes"]
        counts = Counter(outcome.split(":")[0] for outcome in outcomes.values())
        called = counts["called"] + counts["twin"]
        print(
            f"{homework}, torch {torch.__version__}: {found['imported']} modules imported, {found['not imported']} not; "
            f"{len(outcomes)} functions with {len(TEMPLATES[homework])} templates: {called} could be called, "
            f"{counts['cannot be called']} could not, {counts['ended']} ended their fork; {counts['twin']} twins"
        )
        for name, outcome in sorted(outcomes.items()):
            if outcome.startswith("twin"):
                twins += 1
                print(f"  {name} ({outcome.removeprefix('twin: ')})", flush=True)
    return 1 if twins else 0


if __name__ == "__main__":
    sys.exit(main())
