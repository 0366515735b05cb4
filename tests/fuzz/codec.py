"""`make fuzz`: a coverage-guided attack on the judge's decoder, for as long as you like.

The judge decodes whatever a guest sends. No exception but the protocol's own may come out, and a frame may not grow
beyond its cap. Seeds are frames of every kind; atheris mutates them, guided by the branches that the decoder takes.

    make fuzz                      # five minutes
    make fuzz ARGS="-max_total_time=3600"
"""

import sys
import tracemalloc
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["grader.guest.codec"]):
    import torch

    from grader.guest import codec

CAP = 1 << 20  # bytes of tensors in one frame
GROWTH = 40  # times the frame's own size, and a megabyte, is what decoding may allocate at its peak


def seeds() -> list[bytes]:
    """Frames of every kind, as honest processes send them, with the header left to the fuzzer and without."""
    frames = [codec.encode(codec.Hello(["a"], [])), codec.encode(codec.Raised("error", "ValueError", "no", "line 3"))]
    for value in (None, 1, 2.5, "text", [1, [2]], (3, {"a": None}), torch.ones(2, 3), torch.zeros(0, 4).bool()):
        packer = codec.Packer()
        frames.append(codec.encode(codec.Answer(packer.pack(value)), packer))
    size = codec.HEADER.size
    split = [codec.HEADER.unpack(frame[:size])[1].to_bytes(2) + frame[size:] for frame in frames]
    return [b"\0" + frame for frame in frames] + [b"\1" + rest for rest in split]


def framed(data: bytes) -> bytes:
    """The fuzzer's bytes as a frame: its own header, or one that fits, so that what follows is reached at all."""
    if data[:1] == b"\0":
        return data[1:]
    envelope = min(int.from_bytes(data[1:3]), len(data[3:]))
    return codec.HEADER.pack(codec.MAGIC, envelope, len(data[3:]) - envelope) + data[3:]


def attack(data: bytes) -> None:
    """What the judge does with bytes from a guest. Raises where it must not."""
    data = framed(data)
    size = codec.HEADER.size
    if len(data) < size:
        return
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    try:
        envelope, tensors = codec.sizes(data[:size], CAP)
        body = data[size:]
        if len(body) < envelope + tensors:
            return  # the judge would wait, up to its deadline
        frame = codec.Frame(bytearray(body[:envelope]), bytearray(body[envelope : envelope + tensors]))
        if isinstance(frame.body, codec.Answer):
            frame.value(frame.body.value)
    except codec.ProtocolError:
        pass
    _, peak = tracemalloc.get_traced_memory()
    if peak - before > GROWTH * len(data) + (1 << 20):
        raise AssertionError(f"{len(data)} bytes made the decoder allocate {peak - before}")


def main() -> None:
    """Run until the limit or the first finding; the corpus stays in out/fuzz for the next time."""
    corpus = Path("out/fuzz")
    corpus.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(seeds()):
        (corpus / f"seed-{number}").write_bytes(frame)
    options = sys.argv[1:] or ["-max_total_time=300"]
    tracemalloc.start()
    atheris.Setup([sys.argv[0], *options, "-max_len=65536", str(corpus)], attack)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
