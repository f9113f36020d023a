"""How many threads PyTorch computes with in the thread that asks.

In: a number of threads. Out: nothing; PyTorch remembers it for the calling thread. Nothing can
fail but PyTorch's own import.
"""

from __future__ import annotations


def set_torch_threads(threads: int) -> None:
    """Compute with so many threads whatever this thread asks of PyTorch from now on."""
    import torch

    # A thread's first question takes over what was set last in any thread, so it comes first.
    torch.get_num_threads()
    torch.set_num_threads(threads)
