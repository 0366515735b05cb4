"""Which operators a list of globs bans. That the ban holds is shown where submissions try it."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from grader.guest.bans import idle, matching
from tests.grader import redispatched
from tests.grader.banned import tried
from tests.grader.toy import BANNED

NAMES = [
    "aten::conv2d",
    "aten::conv2d.padding",
    "aten::conv1d",
    "quantized::conv2d.new",
    "aten::linear",
    "aten::matmul",
]


@pytest.mark.parametrize(
    ("patterns", "banned"),
    [
        (["conv2d"], ["aten::conv2d", "aten::conv2d.padding", "quantized::conv2d.new"]),
        (["aten::conv2d"], ["aten::conv2d", "aten::conv2d.padding"]),
        (["*::conv?d"], ["aten::conv2d", "aten::conv2d.padding", "aten::conv1d", "quantized::conv2d.new"]),
        (["conv"], []),
        (["Linear"], []),
        (["linear", "conv1d"], ["aten::conv1d", "aten::linear"]),
        ([], []),
    ],
)
def test_globs(patterns, banned):
    assert matching(patterns, NAMES) == banned


def test_the_convolutions_of_this_torch_are_all_caught():
    known = torch._C._dispatch_get_all_op_names()
    banned = set(matching(BANNED, known))
    assert {"aten::conv2d", "aten::convolution", "aten::_convolution", "aten::slow_conv3d", "aten::im2col"} <= banned
    missed = [name for name in known if "conv" in name and name not in banned]
    assert all("conv" not in name.split("::")[1].split("_") for name in missed), missed


def test_what_a_solution_needs_is_not_caught():
    known = torch._C._dispatch_get_all_op_names()
    bases = {name.split("::")[1].split(".")[0] for name in matching(BANNED, known)}
    assert not bases & {
        "matmul",
        "einsum",
        "as_strided",
        "pad",
        "unfold",
        "repeat",
        "tile",
        "gather",
        "index_add_",
        "mm",
    }


AUTOGRAD = {
    "backward": "(r * r).sum().backward()",
    "backward with a gradient": "(r * r).backward(x)",
    "grad": "torch.autograd.grad((r * r).sum(), r)",
    "a parameter": "torch.nn.Parameter(x).sum().backward()",
    "jacobian": "torch.autograd.functional.jacobian(torch.exp, x)",
    "functions": "torch.func.grad(torch.sum)(x)",
    "functions, by vector": "torch.func.vjp(torch.exp, x)",
    "forward mode": "torch.func.jvp(torch.exp, (x,), (x,))",
    "dual numbers": "torch._make_dual(x, x, level=0)",
    "operator": "torch.ops.aten._backward(r, [r])",
    "engine": "torch.autograd.Variable._execution_engine.run_backward((r,), (x,), False, False, (), True)",
    "engine of one's own": "torch._C._ImperativeEngine().run_backward((r,), (x,), False, False, (), True)",
    "TorchScript, a trace": "torch.jit.trace(torch.tanh, x)(x)",
    "TorchScript, a text": "torch.jit.CompilationUnit('def f(x):\\n    return x * x\\n')",
    "TorchScript, a method": "torch.jit.ScriptModule().define('def f(self, x):\\n    return x * x\\n')",
    "what TorchScript recorded": "[scripted(r) for _ in range(4)][-1].sum().backward()",
}
HARMLESS = {
    "nothing is recorded": "assert not (r * r).requires_grad and (r * r).grad_fn is None",
    "nor by functions": "assert not torch.nn.Linear(3, 2)(x.float()).requires_grad",
    "nor where that is asked for": "with torch.enable_grad(): assert (r.exp() @ r.T).grad_fn is None",
    "in place": "y = x.clone(); y[0] += 1; y[:, 1] = 3; assert torch.equal(y[:, 1], torch.full((2,), 3.0).double())",
    "views": "y = x.clone(); y.T[0, 1] = 5; assert y[1, 0] == 5 and y.view(-1)._base is y",
    "arithmetic": "x.exp().log(), x @ x.T, x.relu(), torch.einsum('ij,kj->ik', x, x), torch.linalg.svd(x), x.sort()",
    "out of torch": "assert x.numpy()[1, 2] == x[1, 2].item() and r.detach().numpy().shape == (2, 3)",
    "index": "x.index_put_((torch.tensor([0]), torch.tensor([1])), torch.ones((), dtype=x.dtype)), x[x > 0]",
    "TorchScript as it is": "assert torch.jit.script(torch.tanh) is torch.tanh",
    "maps": "torch.func.vmap(torch.exp)(x), torch.no_grad()(torch.exp)(x), torch.inference_mode()(torch.exp)(x)",
}
SCRIPTED = "scripted = torch.jit.script(torch.nn.Sequential(torch.nn.Tanh(), torch.nn.Sigmoid()))"
GIVEN = "x = torch.randn(2, 3, dtype=torch.float64); r = x.clone().requires_grad_()"


def test_autograd():
    found = tried(["autograd"], GIVEN, AUTOGRAD | HARMLESS, before=SCRIPTED)
    assert found == dict.fromkeys(AUTOGRAD, "refused") | dict.fromkeys(HARMLESS, "ran")


@pytest.mark.long
@pytest.mark.parametrize("name", redispatched.patterns())
def test_by_no_key_does_a_banned_operator_compute(name):
    found = redispatched.of_homework(name, everything=False)
    before, _ = found.pop("before")
    assert before["computed"] >= 8, "the arguments are good for nothing, so this proves nothing"
    assert len(found) > 70
    assert {keys: computed for keys, (_, computed) in found.items() if computed} == {}
    assert sum(counts.get("refused", 0) > 0 for counts, _ in found.values()) > 70


def test_patterns_that_match_nothing_are_told():
    patterns = ["conv2d", "numpy.argmax", "numpy.argmacks", "autograd", "konv2d", "numpy.linalg.*", "scipy.none.*"]
    assert idle(patterns) == ["numpy.argmacks", "konv2d", "scipy.none.*"]


CALLS = {
    "numpy.argmax(x)": True,
    "numpy._core.fromnumeric.argmax(x)": True,
    "x.argmax()": False,
    "x.argmin()": True,
    "numpy.exp(x)": True,
    "numpy.exp2(x)": False,
    "numpy.linalg.norm(x)": True,
    "numpy.dot(x, x)": True,
    "x @ x": False,
    "numpy.mean(x)": False,
    "pandas.Series([1, 2]).std()": True,
    "pandas.Series([1, 2]).mean()": False,
}
BAN = """
import sys
import numpy, pandas
from grader.guest import bans
bans.ban(["numpy.argmax", "numpy.exp", "numpy.linalg.*", "numpy.ndarray.argmin", "numpy.dot", "pandas.Series.std"])
x = numpy.ones(3)
for call in sys.argv[1:]:
    try:
        eval(call)
        print("went through")
    except RuntimeError as error:
        print(str(error)[:23])
"""


@pytest.mark.long
def test_functions_of_pythons_libraries_are_banned_by_name():
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BAN, *CALLS], capture_output=True, text=True, check=True
    )
    said = dict(zip(CALLS, ran.stdout.splitlines(), strict=True))
    assert said == {call: "this assignment forbids" if banned else "went through" for call, banned in CALLS.items()}
