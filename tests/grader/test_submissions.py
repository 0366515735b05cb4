"""What each bad submission gets: the verdict, the message, and no harm to other checks or the next submission."""

from __future__ import annotations

import re

import pytest

from grader.outcome import Grading, Verdict
from tests.grader.toy import REFERENCE, submission, verdicts, with_double

PATIENCE = 10  # seconds: `make hostile` holds the figure, a loaded machine's tests hold that there is an end
LOOP = 0.4  # seconds that an endless call is given: the limit holds for each of the two checks that make it


def expect(grading: Grading, verdict: Verdict, message: str) -> None:
    """`double` fares so in both its checks, and `shift` is none the worse for it."""
    first, second, other = grading.outcomes
    assert (first.verdict, second.verdict, other.verdict) == (verdict, verdict, Verdict.PASSED), first.message
    assert re.search(message, first.message), first.message
    assert (first.earned, second.earned, other.earned) == (0, 0, 2)


WRONG = {
    "nothing": ("return None", r"the result is None; a torch\.Tensor is asked for"),
    "list": ("return [1.0, 2.0]", r"the result is a list of 2; a torch\.Tensor is asked for"),
    "number": ("return 3.5", r"the result is a float; a torch\.Tensor"),
    "string": ("return 'passed'", r"the result is a str; a torch\.Tensor"),
    "dictionary": ("return {'y': 2 * x}", r"the result is a dict of 1; a torch\.Tensor"),
    "ordered dictionary": ("import collections; return collections.OrderedDict(y=x)", "the result is a dict of 1"),
    "named tuple": ("return torch.zeros(1, 2).max(0)", "the result is a tuple of 2; a torch"),
    "numpy": ("return (2 * x).numpy()", r"the result is a numpy array; a torch\.Tensor is asked for"),
    "module": ("return torch.nn.Identity()", r"the result is an Identity; a torch\.Tensor is asked for"),
    "function": ("return double", r"the result is a function; a torch\.Tensor"),
    "shape": ("return torch.zeros(7)", r"the result has shape \(7,\); \(2, 3\) is asked for"),
    "scalar": ("return (2 * x).sum()", r"the result has shape \(\); \(2, 3\) is asked for"),
    "empty": ("return x[:0]", r"the result has shape \(0, 3\); \(2, 3\) is asked for"),
    "dtype": ("return (2 * x).to(torch.float16)", "the result has dtype float16; float32 is asked for"),
    "expanded": ("return torch.zeros((), dtype=x.dtype).expand(x.shape)", "the result is wrong in"),
    "the input itself": ("return x", "the result is wrong in"),
}


@pytest.mark.parametrize(("body", "message"), WRONG.values(), ids=WRONG)
def test_wrong_answer(grade, body, message):
    expect(grade(with_double(body)), Verdict.FAILED, message)


ERRORS = {
    "exception": (
        "raise ValueError('no idea')",
        r"ValueError: no idea \(toy\.py, line \d+, in double: raise ValueError",
    ),
    "exception without text": ("raise KeyError", r"^KeyError \(toy\.py, line \d+"),
    "exit": ("import sys; sys.exit(0)", r"SystemExit: 0 \(toy\.py"),
    "interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "not implemented": ("raise NotImplementedError", "NotImplementedError"),
    "signals": (
        "import os, signal; os.kill(os.getpid(), signal.SIGINT); import time; time.sleep(9)",
        "KeyboardInterrupt",
    ),
    "recursion": ("return double(x)", "RecursionError: maximum recursion depth exceeded"),
    "no scipy": ("import scipy", "ModuleNotFoundError: No module named 'scipy'"),
    "no other program": ("import os; os.execv('/bin/sh', ['sh'])", "PermissionError"),
    "no shell": ("import subprocess; subprocess.run(['true'])", "PermissionError"),
    "no socket": ("import socket; socket.socket()", "PermissionError"),
    "disk flood": ("f = open('/tmp/flood', 'wb')\nwhile True: f.write(bytes(1 << 20))", "OSError: .*No space left"),
    "inode flood": ("for i in range(10**6): open(f'/tmp/{i}', 'w').close()", "OSError: .*No space left"),
    "fork bomb": ("import os\nwhile True: os.fork()", "BlockingIOError"),
    "thread bomb": (
        "import threading\nwhile True: threading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()",
        "RuntimeError: can't start new thread",
    ),
    "hostile exception": (
        "class E(Exception):\n    def __str__(self): raise SystemExit\nraise E",
        "^E: the exception cannot be shown",
    ),
    "unprintable exception": ("raise ValueError('\\ud800')", r"ValueError: \\ud800"),
    "long exception": ("raise ValueError('x' * 10**6)", "^ValueError: x{600} "),
    "too many bytes": ("return torch.zeros(1 << 20)", "holds more than 1 MB of tensors"),
    "expanded to terabytes": (
        "return x[:1, :1].expand(1 << 20, 1 << 20) if x.dim() > 1 else x[:1].expand(1 << 40)",
        "1 MB",
    ),
    "too many tensors": ("return [x[:0]] * 5000", "holds more than 4096 tensors"),
    "too many numbers": ("return list(range(10**6))", "too many numbers outside tensors"),
    "too deep": ("a = []\nfor _ in range(100): a = [a]\nreturn a", "nested more than 32 deep"),
    "endless list": ("a = []; a.append(a); return a", "nested more than 32 deep"),
    "100 digits": ("return 10**100", "an integer of more than 64 bits"),
    "odd key": ("return {frozenset(): x}", "a dictionary or set with a frozenset as a key cannot be sent"),
    "sparse": ("return (2 * x).to_sparse()", "a sparse_coo tensor cannot be sent"),
    "meta": ("return (2 * x).to('meta')", "a meta tensor cannot be sent"),
    "quantized": (
        "return torch.quantize_per_tensor(x.float(), 1.0, 0, torch.qint8)",
        "a quantized tensor cannot be sent",
    ),
    "dates": ("import numpy; return numpy.array(['2027'], 'M8')", "a numpy array of dtype .* cannot be sent"),
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(("body", "message"), ERRORS.values(), ids=ERRORS)
def test_error(grade, body, message):
    expect(grade(with_double(body)), Verdict.ERROR, message)


def test_wrong_signature(grade):
    grading = grade(submission(f"{REFERENCE}\ndef double(x, y):\n    return 2 * x\n"))
    expect(grading, Verdict.ERROR, r"TypeError: double\(\) missing 1 required positional argument: 'y'")


def test_missing_function(grade):
    expect(grade(submission(f"{REFERENCE}\ndel double\n")), Verdict.ERROR, r"^toy\.py defines no `double`$")


def test_no_function(grade):
    expect(grade(submission(f"{REFERENCE}\ndouble = 3\n")), Verdict.ERROR, "TypeError: 'int' object is not callable")


CRASHES = {
    "exit": ("import os; os._exit(0)", "ended its own process with exit code 0"),
    "segfault": ("import ctypes; ctypes.string_at(0)", "ended by SIGSEGV"),
    "abort": ("import os; os.abort()", "ended by SIG"),
    "hang up": ("import os; os.close(3)\nwhile True: pass", "hung up"),
}


@pytest.mark.parametrize(("body", "message"), CRASHES.values(), ids=CRASHES)
def test_crash(grade, body, message):
    expect(grade(with_double(body)), Verdict.CRASH, message)


def test_a_process_that_kills_itself_lives_on(grade):
    # the first process of a pid namespace is deaf to its own signals: nobody is hurt, and the answer is right
    assert verdicts(grade(with_double("import os; os.kill(os.getpid(), 9); return 2 * x"))) == [Verdict.PASSED] * 3


ENDLESS = {
    "loop": "while True: pass",
    "loop that ignores signals": (
        "import signal\nfor s in {*signal.Signals} - {9, 19}: signal.signal(s, signal.SIG_IGN)\nwhile True: pass"
    ),
    "sleep": "import time; time.sleep(1000)",
    "loop in C": "sum(iter(int, 1))",
    "stopped": "import os, signal; os.kill(0, signal.SIGSTOP); import time; time.sleep(1000)",
    "deaf child": "import os, time\nif os.fork() == 0:\n    os.setsid()\n    while True: pass\ntime.sleep(1000)",
    "stubborn fork bomb": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "swallowed exceptions": "while True:\n    try: raise ValueError\n    except BaseException: pass",
}


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS)
def test_timeout(grade, body):
    grading = grade(with_double(body), call_seconds=LOOP)
    expect(grading, Verdict.TIMEOUT, "no answer within 0.4 s, the time allowed for one call")
    assert all(outcome.seconds < PATIENCE for outcome in grading.outcomes)


@pytest.mark.long
def test_submission_time_is_shared(grade):
    slow = with_double("import time; time.sleep(2); return 2 * x")
    grading = grade(slow, submission_seconds=3.5)  # a busy machine may add 1.5 s to the first call
    assert verdicts(grading) == [Verdict.PASSED, Verdict.TIMEOUT, Verdict.BLOCKED]
    assert "the time allowed for one submission" in grading.outcomes[1].message


def test_a_function_that_never_answers_is_called_twice(grade):
    grading = grade(with_double("while True: pass"), call_seconds=LOOP)
    assert verdicts(grading) == [Verdict.TIMEOUT, Verdict.TIMEOUT, Verdict.PASSED]


MEMORY = {
    "torch": "return torch.empty(10 << 30, dtype=torch.uint8).fill_(1)",
    "bytearray": "bytearray(10 << 30)",
    "many small ones": "a = []\nwhile True: a.append(bytearray(1 << 20))",
    "string": "return 'x' * (10 << 30)",
}


@pytest.mark.parametrize("body", MEMORY.values(), ids=MEMORY)
def test_memory(grade, body):
    expect(grade(with_double(body), call_seconds=5), Verdict.MEMORY, "out of memory|more than 256 MB of memory")


@pytest.mark.long
def test_recursion_without_end(grade):
    grading = grade(with_double("import sys; sys.setrecursionlimit(10**9)\nreturn double(x)"))
    assert grading.outcomes[0].verdict in (Verdict.MEMORY, Verdict.TIMEOUT, Verdict.CRASH)
    assert grading.outcomes[2].verdict is Verdict.PASSED


def blocked(grading: Grading, message: str) -> None:
    assert verdicts(grading) == [Verdict.BLOCKED] * 3
    assert re.search(message, grading.problem), grading.problem
    assert {outcome.message for outcome in grading.outcomes} == {grading.problem}


@pytest.mark.parametrize("line", ["import requests", "import scipy.signal", "from requests import get"])
def test_an_absent_module_costs_only_what_uses_it(grade, line):
    module = line.split()[1].partition(".")[0]
    grading = grade(with_double(f"return {line.split()[-1]}.f(x)", before=line))
    assert verdicts(grading) == [Verdict.ERROR, Verdict.ERROR, Verdict.PASSED]
    assert f"No module named '{module}'" in grading.outcomes[0].message
    (note,) = grading.notes
    assert note.startswith("toy.py, line ")
    assert f"No module named '{module}'" in note
    assert note.endswith("Only what uses it fails.")


UNLOADABLE = {
    "syntax": ("x = 1\ndef double(x:\n    return x", r"^SyntaxError: .*\(toy\.py, line 2: def double\(x:\)$"),
    "indentation": ("def double(x):\nreturn x", r"IndentationError: .*toy\.py, line 2: return x"),
    "null byte": (b"x = '\0'", "SyntaxError: source code .* null bytes$"),
    "not text": (b"x = '\xff'", "SyntaxError: .*utf-8"),
    "exception": ("1 / 0", r"ZeroDivisionError: division by zero \(toy\.py, line 1: 1 / 0\)"),
    "exit": ("import os; os._exit(0)", "ended its own process with exit code 0"),
    "polite exit": ("raise SystemExit(0)", r"SystemExit: 0 \(toy\.py, line 1"),
    "segfault": ("import ctypes; ctypes.string_at(0)", "ended by SIGSEGV"),
    "memory": ("x = bytearray(10 << 30)", "out of memory"),
    "banned operator": (
        "import torch\ntorch.conv1d(torch.ones(1, 1, 3), torch.ones(1, 1, 2))",
        r"this assignment forbids torch's operator `conv1d` \(toy\.py, line 2",
    ),
    "deep nesting": (
        "x = " + "(" * 10**5 + ")" * 10**5,
        "SyntaxError: too many nested|MemoryError|RecursionError|memory",
    ),
}


@pytest.mark.parametrize(("source", "message"), UNLOADABLE.values(), ids=UNLOADABLE)
def test_import_that_fails(grade, source, message):
    blocked(grade(submission(source)), message)


@pytest.mark.long
def test_import_that_never_ends(grade):
    blocked(grade(submission("while True: pass")), "^no answer within 5 s, the time allowed to import the submission$")


def test_empty_file(grade):
    grading = grade(submission(""))
    assert verdicts(grading) == [Verdict.ERROR] * 3
    assert grading.problem == ""


def test_helper_modules_are_importable_and_shadow_nothing(grade):
    helper = "def twice(x):\n    return x + x\n"
    source = REFERENCE + "\nimport helper, random\nassert hasattr(random, 'shuffle')\ndouble = helper.twice\n"
    assert verdicts(grade(submission(source, helper=helper, random="1/0"))) == [Verdict.PASSED] * 3


FINE = {
    "stdout flood": "for _ in range(20_000): print('x' * 1000)\nreturn 2 * x",
    "stderr flood": "import sys\nfor _ in range(20_000): print('x' * 1000, file=sys.stderr)\nreturn 2 * x",
    "tensor subclass": "class T(torch.Tensor): pass\nreturn (2 * x).as_subclass(T)",
    "parameter": "return torch.nn.Parameter(2 * x) if x.is_floating_point() else 2 * x",
    "graph": "x = x.requires_grad_() if x.is_floating_point() else x\nreturn 2 * x",
    "transposed": "return (2 * x.T).T if x.dim() > 1 else 2 * x",
    "conjugate": "return torch.conj((2 * x).to(torch.complex64)).real.to(x.dtype)",
    "negative stride by numpy": "import numpy\nreturn torch.from_numpy((2 * x).numpy()[::-1].copy()).flip(0)",
    "thread": (
        "import threading\nr = []\nt = threading.Thread(target=lambda: r.append(2 * x))\n"
        "t.start()\nt.join()\nreturn r[0]"
    ),
    "child": "import os\nif os.fork() == 0: os._exit(0)\nreturn 2 * x",
    "child that returns": "import os\nos.fork()\nreturn 2 * x",
    "children left running": "import os, time\nif os.fork() == 0:\n    while True: pass\nreturn 2 * x",
    "several threads in torch": "torch.set_num_threads(4)\ntorch.ones(300, 300) @ torch.ones(300, 300)\nreturn 2 * x",
    "gradient of a tensor": (
        "if not x.is_floating_point(): return 2 * x\n"
        "x.requires_grad_()\n(x * x).backward(torch.ones_like(x))\nreturn x.grad"
    ),
    "unravelled index": "torch.unravel_index(torch.tensor(3), (2, 3))\nreturn 2 * x",
    "torch.func": "return torch.func.vjp(lambda t: 2 * t, x)[1](x)[0] if x.is_floating_point() else 2 * x",
    "optimizer": "torch.optim.Adam([torch.ones(2, requires_grad=True)]).step()\nreturn 2 * x",
    "comparison": "torch.testing.assert_close(x, x.clone())\nreturn 2 * x",
    "compiled": "return torch.compile(lambda t: 2 * t)(x)",
    "compiled with options": "@torch.compile(dynamic=True)\ndef twice(t):\n    return 2 * t\nreturn twice(x)",
    "other defaults": "torch.set_default_dtype(torch.float64)\ntorch.manual_seed(0)\nreturn 2 * x",
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("body", FINE.values(), ids=FINE)
def test_right_answer_in_an_odd_way(grade, body):
    grading = grade(with_double(body))
    assert verdicts(grading) == [Verdict.PASSED] * 3, grading.outcomes[0].message


def test_not_finite(grade):
    grading = grade(with_double("y = 2 * x\nif y.is_floating_point(): y.view(-1)[0] = float('nan')\nreturn y"))
    assert verdicts(grading) == [Verdict.FAILED, Verdict.PASSED, Verdict.PASSED]
    assert grading.outcomes[0].message == "the result holds NaN or infinity in 17% of its elements"


WIRE = "import os, struct, time\nfrom grader.guest import codec\ndef send(data): os.write(3, data)\n"
RAW = {
    "garbage": "send(b'garbage' * 100)",
    "garbage, then silence": "send(b'garbage' * 100); time.sleep(1000)",
    "half a header": "send(b'GRD1'); time.sleep(1000)",
    "half a header, then the end": "send(b'GRD1'); os._exit(0)",
    "huge envelope": "send(codec.HEADER.pack(codec.MAGIC, 2**32 - 1, 0)); time.sleep(1000)",
    "huge tensors": "send(codec.HEADER.pack(codec.MAGIC, 10, 2**64 - 1)); time.sleep(1000)",
    "promise unkept": "send(codec.HEADER.pack(codec.MAGIC, 1 << 20, 1 << 20)); time.sleep(1000)",
    "slow drip": (
        "for byte in codec.HEADER.pack(codec.MAGIC, 1 << 20, 0) + bytes(1 << 20): send(bytes([byte])); time.sleep(0.01)"
    ),
    "flood": "while True: send(bytes(1 << 16))",
    "greeting": "send(codec.encode(codec.Hello([], [])))",
    "probe's answer": "send(codec.encode(codec.Probed({})))",
    "request": "send(codec.encode(codec.Probe([])))",
    "no message": "send(codec.HEADER.pack(codec.MAGIC, 1, 0) + b'\\xc0')",
    "tensor that is not there": "send(codec.encode(codec.Answer(codec._Tensor(3))))",
    "negative tensor": "send(codec.encode(codec.Answer(codec._Tensor(-1))))",
    "two answers": "send(codec.encode(codec.Answer(None)) * 2)",
    "descriptors": "import socket; socket.send_fds(socket.socket(fileno=3), [b'x'], [0]); time.sleep(1000)",
}


@pytest.mark.parametrize("attack", RAW.values(), ids=RAW)
@pytest.mark.long
def test_raw_bytes(grade, attack):
    grading = grade(with_double(attack, before=WIRE), call_seconds=LOOP)
    double, integers, shift = grading.outcomes
    assert {double.verdict, integers.verdict} <= {Verdict.CRASH, Verdict.TIMEOUT, Verdict.FAILED}, double.message
    assert shift.verdict is Verdict.PASSED
    assert all(outcome.seconds < PATIENCE for outcome in grading.outcomes)
    assert all(len(outcome.message) < 1500 for outcome in grading.outcomes)


FORGED = {
    "nothing": "codec.Answer(None)",
    "object": "codec.Answer(codec.Opaque(-(2**63), 'x' * 100))",
    "list": "codec.Answer(codec._List([None] * 10**5))",
}


@pytest.mark.parametrize("answer", FORGED.values(), ids=FORGED)
def test_forged_answer_is_only_an_answer(grade, answer):
    # two answers to one question: the second is taken for the answer to the next one, or seen to be out of turn
    grading = grade(with_double(f"send(codec.encode({answer}))", before=WIRE))
    assert grading.outcomes[0].verdict is Verdict.FAILED
    assert {Verdict.PASSED, Verdict.FAILED, Verdict.CRASH} >= {*verdicts(grading)[1:]}
    assert all(len(outcome.message) < 500 for outcome in grading.outcomes)


def test_forged_exception_is_cut(grade):
    attack = "send(codec.encode(codec.Raised('odd', 'E' * 10**5, 'x' * 10**5, 'y' * 10**5)))"
    grading = grade(with_double(attack, before=WIRE), call_seconds=LOOP)
    assert grading.outcomes[0].verdict is Verdict.ERROR
    assert len(grading.outcomes[0].message) < 2000


CONVOLUTION = "[1, 1], [0, 0], [1, 1], False, [0, 0], 1"
FORBIDDEN = {
    "F.conv2d": "F.conv2d(i, w)",
    "nn.Conv2d": "torch.nn.Conv2d(1, 1, 2)(i)",
    "nn.Linear": "torch.nn.Linear(4, 2)(i)",
    "conv_transpose": "F.conv_transpose2d(i, w)",
    "unfold": "F.unfold(i, 2)",
    "torch.ops": "torch.ops.aten.conv2d(i, w)",
    "an overload": "torch.ops.aten.conv2d.padding(i, w, None, [1, 1], 'same')",
    "another twin": "torch.ops.aten.convolution(i, w, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)",
    "private twin": f"torch._convolution(i, w, None, {CONVOLUTION}, False, False, False, False)",
    "overrideable": "torch.ops.aten.convolution_overrideable(i, w, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)",
    "backward": f"torch.ops.aten.convolution_backward(i, i, w, [0], {CONVOLUTION}, [True] * 3)",
    "slow": "torch.ops.aten.slow_conv3d(i[None], w[None], [1, 2, 2])",
    "thnn": "torch._C._nn.thnn_conv2d(i, w, [2, 2])",
    "depthwise": "torch.ops.aten._conv_depthwise2d(i, w, [2, 2], None, [1, 1], [0, 0], [1, 1])",
    "mkldnn": "torch.mkldnn_convolution(i, w, None, [0, 0], [1, 1], [1, 1], 1)",
    "mkldnn tensor": "torch.conv2d(i.to_mkldnn(), w)",
    "quantized": (
        "q = torch.quantize_per_tensor(w, 1.0, 0, torch.qint8)\n"
        "torch.ops.quantized.conv2d_prepack(q, None, [1, 1], [0, 0], [1, 1], 1)"
    ),
    "TorchScript": "torch.jit.script(scripted)(i, w)",
    "tracing": "torch.jit.trace(lambda a, b: torch.conv2d(a, b), (i, w))",
    "thread": "in_thread(lambda: torch.conv2d(i, w))",
    "redispatch": "torch.ops.aten.conv2d.default.redispatch(torch._C.DispatchKeySet(torch._C.DispatchKey.CPU), i, w)",
    "a key": f"torch.ops.aten.convolution.default._op_dk(torch._C.DispatchKey.CPU, i, w, None, {CONVOLUTION})",
    "autograd": "torch.conv2d(i.requires_grad_(), w).sum().backward()",
    "gradient functions": "torch.nn.grad.conv2d_input((1, 1, 4, 4), w, i[..., :3, :3])",
    "autocast": "exec('with torch.autocast(\"cpu\"): torch.conv2d(i, w)', globals() | locals())",
    "inference": "exec('with torch.inference_mode(): torch.conv2d(i, w)', globals() | locals())",
    "vmap": "torch.vmap(lambda a: torch.conv2d(a, w))(i[None])",
    "grad": "torch.func.grad(lambda a: torch.conv2d(a, w).sum())(i)",
    "decompositions": "import torch._decomp.decompositions as d; d.im2col(i, [2, 2], [1, 1], [0, 0], [1, 1])",
    "call by name": "getattr(torch._C._VariableFunctions, 'conv' + '2d')(i, w)",
    "packed call": "torch._C._jit_get_operation('aten::conv2d')[0](i, w, None, [1, 1], [0, 0], [1, 1], 1)",
    "numpy": "numpy.convolve([1.0, 2.0], [1.0, 1.0])",
    "numpy's core": "numpy._core.multiarray.correlate([1.0, 2.0], [1.0, 1.0])",
    "deeper in numpy": "numpy._core._multiarray_umath.correlate2([1.0, 2.0], [1.0, 1.0])",
}
PREAMBLE = """
import threading
import warnings
import numpy
import torch.nn.functional as F

warnings.simplefilter("ignore")
i, w = torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2)

def scripted(a: torch.Tensor, b: torch.Tensor):
    return torch.conv2d(a, b)

def in_thread(work):
    found = []
    def run():
        try:
            work()
        except BaseException as error:
            found.append(error)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    raise found[0]
"""


@pytest.mark.parametrize("route", FORBIDDEN.values(), ids=FORBIDDEN)
def test_banned_operator(grade, route):
    expect(grade(with_double(f"{route}\nreturn 2 * x", before=PREAMBLE)), Verdict.FORBIDDEN, "^this assignment forbids")


@pytest.mark.parametrize(
    "way",
    [
        "x.repeat(2, 1)",
        "torch.tile(x, (2, 2))",
        "torch.einsum('ij,kj->ik', x, x)",
        "x @ x.T",
        "torch.as_strided(x, (2, 2), (1, 1))",
        "x.unfold(1, 2, 1)",
        "F.pad(x, (1, 1, 1, 1))",
        "x.gather(1, torch.zeros(2, 3, dtype=torch.int64))",
        "x.clone().index_add_(0, torch.tensor([1]), x[:1])",
        "x.cumsum(0)",
        "torch.fft.ifft(torch.fft.fft(x) * torch.fft.fft(x))",
        "torch.tensordot(x, x, 2)",
        "torch.kron(x, x)",
        "torch.func.vmap(torch.sin)(x)",
        "torch.nn.functional.relu(x)",
        "x.clone().requires_grad_().pow(2).sum().backward()",
    ],
)
def test_what_is_not_banned_works(grade, way):
    body = f"if x.dim() > 1: {way}\nreturn 2 * x"
    assert verdicts(grade(with_double(body, before=PREAMBLE))) == [Verdict.PASSED] * 3


def test_a_ban_cannot_be_swallowed_into_a_right_answer(grade):
    body = "try: torch.conv2d(i, w)\nexcept BaseException: pass\nreturn 2 * x"
    assert verdicts(grade(with_double(body, before=PREAMBLE))) == [Verdict.PASSED] * 3  # it got nothing from trying
