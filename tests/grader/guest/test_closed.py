"""Doors past the dispatcher: closed in the functions themselves, for whoever holds them; what is asked in eager work answers."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.grader.banned import tried

HELD = """
import gc, importlib.machinery, importlib.util, types
import numpy as np
import numpy._core._multiarray_umath as umath
C = torch._C
kept = [C.parse_ir, C.Graph.__dict__["create"], C._jit_pass_inline, umath.correlate, C.ScriptFunction.__call__]
scripted = torch.jit.script(torch.nn.Softsign())
graph = C.parse_ir("graph(%x : Tensor):\\n  return (%x)")
twin = torch._decomp.decompositions.im2col
table = C._get_operation_overload
spec = importlib.machinery.ModuleSpec(umath.__name__, None, origin=umath.__file__)
"""
GIVEN = "x, w = torch.randn(1, 2, 4, 4), torch.randn(3, 2, 2, 2)"
CLOSED = {
    "kept by its name": "kept[0]('graph(%x : Tensor):\\n  return (%x)')",
    "kept, a method": "kept[1].__get__(graph)('prim::mkldnn_convolution', [], 1)",
    "kept, a pass": "kept[2](graph)",
    "kept, numpy's": "kept[3](np.ones(4), np.ones(2), 0)",
    "compiled before": "scripted(x)",
    "differentiated": "C._jit_differentiate(graph)",
    "interpreted": "C._jit_interpret_graph(graph, (x,))",
    "traced": "torch.jit.trace(torch.tanh, x)",
    "traced, a module": "torch.jit.trace(torch.nn.Tanh(), x)",
    "traced, a graph": "C._create_graph_by_tracing(torch.tanh, (x,), lambda _: '', True, False, None, [])",
    "a state of the tracer's": "C._set_tracing_state(None)",
    "loaded": "import io; torch.jit.load(io.BytesIO(b'none'))",
    "for phones": "C._load_for_lite_interpreter_from_buffer(b'none', None)",
    "code generator": "torch._C._te.construct_codegen('llvm', None, [])",
    "lazy graphs": "torch._C._lazy_ts_backend._init()",
    "packaged": "torch._C._aoti.AOTIModelPackageLoader('none', 'model', False, 1, -1)",
    "twin, kept": "twin(x, [2, 2], [1, 1], [0, 0], [1, 1])",
    "twin, what it wraps": "twin.__wrapped__(x, [2, 2], [1, 1], [0, 0], [1, 1])",
    "numpy anew": "importlib.util.module_from_spec(importlib.util.spec_from_file_location(umath.__name__, umath.__file__))",
    "numpy anew, without a loader": "__import__('_imp').create_dynamic(spec)",
    "the importer anew": "importlib.machinery.BuiltinImporter.create_module(importlib.machinery.ModuleSpec('_imp', None))",
}
CLOSED["another interpreter"] = (
    "__import__('_xxsubinterpreters' if sys.version_info < (3, 13) else '_interpreters').create()"
)
OPEN = {
    "no graph is known": "assert C._get_tracing_state() is None and not torch.jit.is_scripting() and not torch.jit.is_tracing()",
    "no operator of TorchScript's": "assert table('prim::mkldnn_convolution', '') is None and C._jit_get_operation('prim::layout') == (None, None)",
    "operators": "assert torch.equal(torch.ops.aten.add(x, x), torch.ops.aten.add.Tensor(x, x))",
    "operators defined since": (
        "library = torch.library.Library('mine', 'DEF'); library.define('twice(Tensor x) -> Tensor')\n"
        "library.impl('twice', lambda x: 2 * x, 'CompositeExplicitAutograd')\n"
        "assert torch.equal(torch.ops.mine.twice(x), 2 * x) and torch.equal(torch.ops.mine.twice.default(x), 2 * x)"
    ),
    "schemas": "assert C._jit_get_schemas_for_operator('aten::add')",
    "decorators": (
        "def f(x): return x\nfor same in (torch.jit.script, torch.jit.ignore, torch.jit.export, torch.jit.unused, torch.compile):\n"
        "    assert same(f) is f"
    ),
    "annotations": "assert torch.jit.annotate(int, 3) == 3 and torch.compile(fullgraph=True)(torch.tanh) is torch.tanh",
    "derivatives": "r = x.clone().requires_grad_(); r.tanh().sum().backward(); assert r.grad is not None",
    "forward mode": "assert torch.equal(torch.func.jvp(torch.neg, (x,), (x,))[1], -x)",
    "shapes": "assert torch.broadcast_shapes((2, 1), (3,)) == (2, 3)",
    "numpy": "np.fft.rfft(np.ones(4)), np.linalg.svd(np.ones((2, 2))), np.polynomial.Polynomial([1, 2])(3), np.ma.array([1])",
    "Python's modules": "import decimal, sqlite3, bz2, lzma, csv, _heapq, array, zoneinfo, unicodedata, mmap, faulthandler",
}


def test_closed_for_whoever_holds_it_and_open_to_eager_work():
    found = tried(["im2col*"], GIVEN, CLOSED | OPEN, before=HELD)
    assert found == dict.fromkeys(CLOSED, "refused") | dict.fromkeys(OPEN, "ran")


QUIET = """
import sys, warnings
warnings.simplefilter("error")
import torch
from grader.guest import bans, no_compiler
no_compiler.install()
bans.ban(["*conv2d*"])
print(len(bans.dispatch_keys()))
"""


def test_bans_without_a_word():
    done = subprocess.run([sys.executable, "-c", QUIET], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert json.loads(done.stdout) > 90
