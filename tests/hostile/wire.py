"""Attacks on the wire: what a submission writes to the judge's channel, here (descriptor 3) and on a wire of pickles."""

from __future__ import annotations

from textwrap import dedent, indent

from tests.hostile.corpus import Attack

HEAD = """
import os, struct, time, threading
from grader.guest import codec

def send(data):
    while data:
        data = data[os.write(3, data):]

def scale(x):
"""
TAIL = """
    return x

def witness(x):
    return x + 1
"""
FINE = "def send(v):\n    data = pickle.dumps(v)\n    channel.sendall(struct.pack('<Q', len(data)) + data)\n"


def _attack(name: str, sentence: str, verdicts: str, success: str, naive: str, here: str) -> Attack:
    source = HEAD + indent(dedent(here).strip(), "    ") + TAIL
    return Attack(
        "speak another wire",
        name,
        sentence,
        frozenset(verdicts.split(", ")),
        success,
        "wire",
        files={"hostile.py": source.encode()},
        naive=(FINE + dedent(naive)).encode(),
    )


ODD = "crash, failed, timeout"
LAYOUT = "codec._ENCODER.encode(codec._Envelope(codec.Answer({node}), [{layouts}]))"


def _frame(node: str, layouts: str, tensors: str) -> str:
    envelope = LAYOUT.format(node=node, layouts=layouts)
    return f"e = {envelope}\nt = {tensors}\nsend(codec.HEADER.pack(codec.MAGIC, len(e), len(t)) + e + t)"


ATTACKS = [
    _attack(
        "gadget", "Sends a pickle that runs code where it is read.", "crash", "canary",
        "class G:\n    def __reduce__(self):\n        return (os.system, ('echo $GRADER_SECRET',))\nsend(G()); send(1)",
        "import pickle\nclass G:\n    def __reduce__(self):\n        return (os.system, ('echo $GRADER_SECRET',))\nsend(pickle.dumps(G()))",
    ),
    _attack(
        "gadget_that_looks", "Sends a pickle that returns the judge's own memory.", "crash", "canary",
        "class G:\n    def __reduce__(self):\n        return (eval, (\"__import__('os').environ['GRADER_SECRET']\",))\nsend(G()); send(1)",
        "import pickle\nclass G:\n    def __reduce__(self):\n        return (eval, ('1',))\nsend(codec.HEADER.pack(codec.MAGIC, 99, 0) + pickle.dumps(G()).ljust(99, b'.'))",
    ),
    _attack(
        "huge_length", "Announces a frame of 16 exabytes.", ODD, "stall",
        "channel.sendall(struct.pack('<Q', 2**64 - 1)); import time; time.sleep(9)",
        "send(codec.HEADER.pack(codec.MAGIC, 2**32 - 1, 2**64 - 1)); time.sleep(9)",
    ),
    _attack(
        "large_length", "Announces a frame of a terabyte, within what a number can say.", ODD, "stall",
        "channel.sendall(struct.pack('<Q', 1 << 40)); import time; time.sleep(9)",
        "send(codec.HEADER.pack(codec.MAGIC, 100, 1 << 40)); time.sleep(9)",
    ),
    _attack(
        "garbage", "Sends bytes that are no frame.", ODD, "stall",
        "channel.sendall(bytes(range(1, 200)) * 9)",
        "send(bytes(range(1, 200)) * 9)",
    ),
    _attack(
        "half_a_frame", "Ends in the middle of a frame.", ODD, "stall",
        "channel.sendall(b'abc')",
        "send(b'GRD1ab'); os._exit(0)",
    ),
    _attack(
        "answer_in_advance", "Answers the question before it is asked, in place of the function.", ODD, "score",
        "send(6); send(6)",
        "send(codec.encode(codec.Answer(6.0)))",
    ),
    _attack(
        "two_answers", "Answers one question twice, so that the second stands for the next.", ODD, "score",
        "send(6); send(6); send(6)",
        "p = codec.Packer()\nsend(codec.encode(codec.Answer(p.pack(x)), p) * 2)",
    ),
    _attack(
        "answers_later", "A thread answers when the next question comes.", "crash, failed, error, timeout", "score",
        "import threading\nt = threading.Thread(target=lambda: [send(6) for _ in range(9)])\nt.start(); t.join()",
        "threading.Thread(target=lambda: [(time.sleep(0.002), send(codec.encode(codec.Answer(None)))) for _ in range(99)]).start()",
    ),
    _attack(
        "child_answers", "A child answers after its parent is dead.", ODD, "score",
        "if os.fork(): os._exit(0)\nsend(6); send(6)",
        "if os.fork(): os._exit(0)\ntime.sleep(0.05); send(codec.encode(codec.Answer(None)) * 9)",
    ),
    _attack(
        "deep_value", "Sends a value nested a hundred thousand deep.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        return (eval, ('(' * 100000,))\nsend(G())",
        "e = b'\\x82\\xa4body\\x83\\xa4type\\xa6answer\\xa5value' + b'\\x92\\xa1l\\x91' * 100000 + b'\\xc0\\xa7changed\\x90\\xa7tensors\\x90'\n"
        "send(codec.HEADER.pack(codec.MAGIC, len(e), 0) + e)",
    ),
    _attack(
        "rank_5000", "Sends a tensor of 5,000 dimensions.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        import numpy\n        return (numpy.zeros, ([1] * 5000,))\nsend(G())",
        _frame("codec._Tensor(0)", "codec._Layout(0, [1] * 5000)", "bytes(64)"),
    ),
    _attack(
        "endless_shape", "Sends a tensor with a zero and 2^62 in its shape.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        import numpy\n        return (numpy.zeros, ((2**62, 0, 9),))\nsend(G())",
        _frame("codec._Tensor(0)", "codec._Layout(0, [0, 2**62])", "b''"),
    ),
    _attack(
        "huge_tensor", "Sends a tensor that needs more memory than there is.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        import numpy\n        return (numpy.ones, ((2**40,),))\nsend(G())",
        _frame("codec._Tensor(0)", "codec._Layout(0, [2**39])", "b''"),
    ),
    _attack(
        "odd_boolean", "Sends booleans that are neither true nor false.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        import numpy\n        return (numpy.frombuffer, (b'\\xff' * 3, 'q'))\nsend(G())",
        _frame("codec._Tensor(0)", "codec._Layout(9, [12])", "b'\\xff' * 64"),
    ),
    _attack(
        "million_tensors", "Names one tensor three hundred thousand times.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        return (eval, ('[bytearray(10**6) for _ in range(10**6)]',))\nsend(G())",
        _frame("codec._List([codec._Tensor(0)] * 260_000)", "codec._Layout(0, [])", "bytes(64)"),
    ),
    _attack(
        "unknown_type", "Sends a tensor of a type that does not exist.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        import numpy\n        return (numpy.zeros, (3, 'nonsense'))\nsend(G())",
        _frame("codec._Tensor(0)", "codec._Layout(99, [1])", "bytes(64)"),
    ),
    _attack(
        "flood", "Sends replies without end.", "timeout, crash, failed", "stall",
        "channel.sendall(struct.pack('<Q', 1 << 33))\nwhile True: channel.sendall(bytes(1 << 16))",
        "while True: send(bytes(1 << 16))",
    ),
    _attack(
        "not_text", "Sends a string that is not UTF-8.", ODD, "stall",
        "data = b'\\x80\\x04\\x8c\\x02\\xff\\xfe.'\nchannel.sendall(struct.pack('<Q', len(data)) + data)",
        "e = b'\\x82\\xa4body\\x83\\xa4type\\xa6answer\\xa5value\\xa2\\xff\\xfe\\xa7changed\\x90\\xa7tensors\\x90'\n"
        "send(codec.HEADER.pack(codec.MAGIC, len(e), 0) + e)",
    ),
    _attack(
        "colliding_tuples", "Sends a set of a hundred thousand tuples whose hashes are the same.", ODD, "stall",
        "class T:\n    def __reduce__(self):\n        return (eval, ('[0 for _ in iter(int, 1)]',))\nsend(T())",
        _frame("codec._Set([codec._Tuple([i * (2**61 - 1) % 2**63, 0]) for i in range(60_000)])", "", "b''"),
    ),
    _attack(
        "set_of_lists", "Sends a set with a list in it, which nothing can hash.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        return (set, ([[]],))\nsend(G())",
        _frame("codec._Set([codec._List([])])", "", "b''"),
    ),
    _attack(
        "endless_text", "Sends an array of texts of which each takes as much room as the longest.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        import numpy\n        return (numpy.zeros, (10**7, 'U1000000'))\nsend(G())",
        _frame("codec._Texts('U', [400_001], ['x' * 400_000, *[''] * 400_000])", "", "b''"),
    ),
    _attack(
        "uneven_frame", "Sends a frame whose columns differ in length.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        import pandas\n        return (pandas.DataFrame, ({'a': [1], 'b': [1, 2]},))\nsend(G())",
        _frame("codec._Frame('DataFrame', [codec._Column('a', 'object', codec._List([1]))], [codec._Column(None, 'object', codec._List([1, 2]))])", "", "b''"),
    ),
    _attack(
        "wide_frame", "Sends a frame of a hundred thousand columns.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        return (eval, ('[0 for _ in iter(int, 1)]',))\nsend(G())",
        _frame("codec._Frame('DataFrame', [codec._Column(0, 'object', codec._List([]))] * 100_000, [codec._Column(None, 'object', codec._List([]))])", "", "b''"),
    ),
    _attack(
        "frame_of_another_kind", "Sends a frame with a column of a type that holds objects of its own.", ODD, "canary",
        "class G:\n    def __reduce__(self):\n        return (os.system, ('echo $GRADER_SECRET',))\nsend(G()); send(1)",
        _frame("codec._Frame('Series', [codec._Column('a', 'interval[int64]', codec._List([1]))], [codec._Column(None, 'object', codec._List([1]))])", "", "b''"),
    ),
    _attack(
        "object_as_a_label", "Sends a series that is named by an object of the sandbox.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        return (eval, ('1 / 0',))\nsend(G())",
        _frame("codec._Frame('Series', [codec._Column(codec.Opaque(0, 'x'), 'object', codec._List([1]))], [codec._Column(None, 'object', codec._List([1]))])", "", "b''"),
    ),
    _attack(
        "not_a_number", "Sends a complex number that is none, where a number is compared.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        return (eval, ('float(\"nan\") < ()',))\nsend(G())",
        _frame("codec._Complex(float('nan'), float('inf'))", "", "b''"),
    ),
    _attack(
        "frame_in_a_frame", "Sends a frame with a frame for a column.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        return (eval, ('1 / 0',))\nsend(G())",
        _frame("codec._Frame('Series', [codec._Column('a', 'object', codec._Frame('Index', [], [codec._Column(None, 'object', codec._List([1]))]))], [codec._Column(None, 'object', codec._List([1]))])", "", "b''"),
    ),
    _attack(
        "texts_of_an_endless_shape", "Sends an array of texts whose shape has more places than there are numbers.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        import numpy\n        return (numpy.zeros, ((2**62, 2**62), 'U1'))\nsend(G())",
        _frame("codec._Texts('U', [2**62, 2**62], [])", "", "b''"),
    ),
    _attack(
        "nested_key", "Sends a dictionary whose key is a tuple of lists.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        return (dict, ([([], 1)],))\nsend(G())",
        _frame("codec._Dict([(codec._Tuple([codec._List([])]), 1)])", "", "b''"),
    ),
    _attack(
        "times_that_are_texts", "Sends a column of times that holds texts.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        import pandas\n        return (pandas.to_datetime, (['never'],))\nsend(G())",
        _frame("codec._Frame('Series', [codec._Column('a', 'datetime64[ns]', codec._List(['never']))], [codec._Column(None, 'object', codec._List([1]))])", "", "b''"),
    ),
    _attack(
        "many_levels", "Sends an index of four thousand levels.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        return (eval, ('[0 for _ in iter(int, 1)]',))\nsend(G())",
        _frame("codec._Frame('Index', [], [codec._Column(None, 'object', codec._List([1, 2]))] * 4000)", "", "b''"),
    ),
    _attack(
        "labels_that_are_none", "Sends a frame whose columns are all named NaN, and whose index has no order.", ODD, "stall",
        "class G:\n    def __reduce__(self):\n        return (eval, ('sorted([1, None])',))\nsend(G())",
        _frame("codec._Frame('DataFrame', [codec._Column(float('nan'), 'object', codec._List([1, 'x']))] * 9, [codec._Column(None, 'object', codec._List([None, 'x']))])", "", "b''"),
    ),
    _attack(
        "objects_in_a_set", "Sends a set of objects that stay in the sandbox.", ODD, "stall",
        "class G:\n    def __hash__(self):\n        return 0\n    def __reduce__(self):\n        return (set, ([{}],))\nsend(G())",
        _frame("codec._Set([codec.Opaque(0, 'x')] * 9)", "", "b''"),
    ),
]  # fmt: skip
