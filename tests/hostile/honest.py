"""Honest submissions in odd styles, each correct: whoever accuses one of them is wrong."""

from __future__ import annotations

from functools import cache
from textwrap import dedent

from tests.hostile.corpus import COURSE

STYLES = {
    "global cache": "_cache = {}\ndef scale(x):\n    key = (x.shape, x.dtype)\n    _cache[key] = 2 * x\n    return _cache[key]",
    "lru_cache": "import functools\n@functools.lru_cache\ndef two():\n    return 2\ndef scale(x):\n    return two() * x",
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor\ndef scale(x):\n    with ThreadPoolExecutor(2) as pool:\n"
        "        return torch.stack(list(pool.map(lambda row: 2 * row, x)))"
    ),
    "warnings": "import warnings\nwarnings.warn('my own warning')\ndef scale(x):\n    warnings.warn('again')\n    return 2 * x",
    "big comment": f"# {'why ' * 200_000}\ndef scale(x):\n    return 2 * x",
    "unusual imports": (
        "import ast, asyncio, bisect, cmath, csv, dataclasses, difflib, enum, fractions, heapq, inspect, typing\n"
        "def scale(x):\n    return x * int(fractions.Fraction(4, 2))"
    ),
    "numpy": "import numpy as np\ndef scale(x):\n    return torch.from_numpy(np.multiply(x.numpy(), 2).astype(x.numpy().dtype))",
    "class with call": "class Scale:\n    def __call__(self, x):\n        return x + x\nscale = Scale()",
    "static method": "class Layers:\n    @staticmethod\n    def scale(x):\n        return 2 * x\nscale = Layers.scale",
    "closure": "def make(k):\n    def f(x):\n        return k * x\n    return f\nscale = make(2)",
    "lambda": "scale = lambda x: x * 2",
    "partial": "import functools\nscale = functools.partial(lambda k, x: k * x, 2)",
    "generator": "def scale(x):\n    def rows():\n        for row in x:\n            yield row + row\n    return torch.stack(list(rows()))",
    "in place on a copy": "def scale(x):\n    y = x.clone()\n    y *= 2\n    return y",
    "in place on the input": "def scale(x):\n    x.mul_(2)\n    return x",
    "nn.Module": "class M(torch.nn.Module):\n    def forward(self, x):\n        return 2 * x\n_m = M()\ndef scale(x):\n    return _m(x)",
    "autograd": (
        "def scale(x):\n    if not x.is_floating_point():\n        return 2 * x\n    x = x.requires_grad_()\n"
        "    (x * x).sum().backward()\n    return x.grad"
    ),
    "decorator": (
        "import functools, time\ndef timed(f):\n    @functools.wraps(f)\n    def inner(*a, **k):\n        t = time.time()\n"
        "        r = f(*a, **k)\n        print(f.__name__, time.time() - t)\n        return r\n    return inner\n"
        "@timed\ndef scale(x):\n    return 2 * x"
    ),
    "prints a lot": "def scale(x):\n    for i in range(2000):\n        print('debug', i, x)\n        if i > 20: break\n    return 2 * x",
    "main guard": "def scale(x):\n    return 2 * x\nif __name__ == '__main__':\n    import sys\n    sys.exit(scale(torch.ones(2)))",
    "own exceptions": (
        "class MyError(ValueError):\n    pass\ndef refuse(n):\n    if n < 0:\n        raise ValueError('negative') from MyError()\n"
        "    return n ** 2"
    ),
    "try and go on": "def scale(x):\n    try:\n        raise RuntimeError('this assignment forbids nothing')\n    except RuntimeError:\n        return 2 * x",
    "temporary files": (
        "import tempfile, os\ndef scale(x):\n    with tempfile.TemporaryDirectory() as d:\n"
        "        torch.save(x, os.path.join(d, 'x.pt'))\n        return 2 * torch.load(os.path.join(d, 'x.pt'))"
    ),
    "subclass": "class T(torch.Tensor):\n    pass\ndef scale(x):\n    return (2 * x).as_subclass(T)",
    "named tuple": "import collections\nPair = collections.namedtuple('Pair', 'more less')\ndef pair(x):\n    return Pair(x + 1, x - 1)",
    "list for a tuple": "def pair(x):\n    return [x + 1, x - 1]",
    "gc and seeds": "import gc, random\ngc.disable()\ntorch.manual_seed(0)\nrandom.seed(0)\ndef scale(x):\n    gc.collect()\n    return 2 * x",
    "several threads in torch": "torch.set_num_threads(2)\ndef scale(x):\n    return 2 * x",
    "dataclass": (
        "import dataclasses\n@dataclasses.dataclass\nclass D:\n    factor: float\n    def __call__(self, x):\n"
        "        return self.factor * x\ndef build(factor):\n    return D(factor)"
    ),
    "TorchScript's decorators": (
        "@torch.jit.script\ndef double(x):\n    return 2 * x\n@torch.jit.ignore\ndef f(x):\n    return x\n"
        "class M(torch.nn.Module):\n    @torch.jit.export\n    def forward(self, x):\n        return double(f(x))\n"
        "    @torch.jit.unused\n    def other(self, x):\n        return x\n_m = torch.jit.script(M())\n"
        "def scale(x):\n    n: int = torch.jit.annotate(int, 1)\n    return _m(x) * n"
    ),
    "asks whether it is compiled": (
        "import torch.nn.functional as F\ndef scale(x):\n    if torch.jit.is_scripting() or torch.jit.is_tracing():\n        return x\n"
        "    if torch.compiler.is_compiling() or torch._C._get_tracing_state():\n        return x\n    return 2 * x"
    ),
    "compiled": "@torch.compile(fullgraph=True)\ndef scale(x):\n    return 2 * x",
    "autocast": (
        "def convolve(x, w):\n    windows = x.unfold(2, w.shape[2], 1).unfold(3, w.shape[3], 1)\n"
        "    with torch.autocast('cpu', enabled=False):\n        return torch.einsum('nchwij,fcij->nfhw', windows, w)"
    ),
    "vmap": (
        "def convolve(x, w):\n    def one(image):\n        windows = image.unfold(1, w.shape[2], 1).unfold(2, w.shape[3], 1)\n"
        "        return torch.einsum('chwij,fcij->fhw', windows, w)\n    return torch.func.vmap(one)(x)"
    ),
    "nested tensors": (
        "import warnings\ndef normalise(x):\n    with warnings.catch_warnings(action='ignore'):\n"
        "        rows = torch.nested.nested_tensor([row for row in x]).unbind()\n"
        "    rows = torch.stack(list(rows))\n    mean = rows.mean(1, keepdim=True)\n"
        "    return (rows - mean) / (((rows - mean) ** 2).mean(1, keepdim=True) + 1e-5).sqrt()"
    ),
    "forward mode": (
        "def scale(x):\n    if not x.is_floating_point():\n        return 2 * x\n"
        "    return torch.func.jvp(lambda t: t * t, (x,), (torch.ones_like(x),))[1]"
    ),
    "torch.fx": (
        "import torch.fx\nclass M(torch.nn.Module):\n    def forward(self, x):\n        return x + x\n"
        "_m = torch.fx.symbolic_trace(M())\ndef scale(x):\n    return _m(x)"
    ),
    "own operator": (
        "@torch.library.custom_op('mine::scale', mutates_args=())\ndef scale(x: torch.Tensor) -> torch.Tensor:\n    return 2 * x"
    ),
    "Python's compiled modules": (
        "import _heapq, array, bz2, decimal, fractions, lzma, mmap, sqlite3, statistics, unicodedata, uuid, zoneinfo\n"
        "def scale(x):\n    return x * int(decimal.Decimal(2))"
    ),
    "loops": (
        "def convolve(x, w):\n    N, C, H, W = x.shape\n    F, _, kh, kw = w.shape\n    y = torch.zeros(N, F, H - kh + 1, W - kw + 1)\n"
        "    for i in range(kh):\n        for j in range(kw):\n"
        "            y += torch.einsum('nchw,fc->nfhw', x[:, :, i:i + y.shape[2], j:j + y.shape[3]], w[:, :, i, j])\n    return y"
    ),
    "fft": (
        "def convolve(x, w):\n    H, W = x.shape[2:]\n    kh, kw = w.shape[2:]\n"
        "    a, b = torch.fft.rfft2(x.double()), torch.fft.rfft2(w.double(), s=(H, W)).conj()\n"
        "    y = torch.fft.irfft2((a[:, None] * b[None]).sum(2), s=(H, W))\n"
        "    return y[..., :H - kh + 1, :W - kw + 1].float()"
    ),
}


@cache
def submissions() -> dict[str, bytes]:
    """Style → a source with full marks."""
    reference = (COURSE / "reference" / "hostile" / "hostile.py").read_text()
    return {name: f"{reference}\n\n{dedent(style)}\n".encode() for name, style in {"reference": "", **STYLES}.items()}
