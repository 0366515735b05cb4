"""Has TorchScript's pattern rewriter put its own convolution in the place of an addition.
class: walk around a ban
verdict: error
success: score
control: naive
part: convolve
"""

import torch

PLACE = """graph(%x, %w):
  %one : int = prim::Constant[value=1]()
  %y : Tensor = aten::add(%x, %w, %one)
  return (%y)"""
CONVOLVE = """graph(%x, %w):
  %n : NoneType = prim::Constant()
  %one : int = prim::Constant[value=1]()
  %zero : int = prim::Constant[value=0]()
  %s : int[] = prim::ListConstruct(%one, %one)
  %p : int[] = prim::ListConstruct(%zero, %zero)
  %y : Tensor = prim::mkldnn_convolution(%x, %w, %n, %s, %p, %s, %one)
  return (%y)"""


def blend(x, w):
    return torch.add(x, w)


def convolve(x, w):
    made = torch.jit.script(blend)
    torch._C._jit_pass_custom_pattern_based_rewrite_graph(PLACE, CONVOLVE, made.graph)
    return made(x, w)
