from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGUFReader, GGUFWriter

from qa.engine.torch_prefill.gguf_file import open_gguf


def test_arrays_are_passed_over_and_the_rest_is_read(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    writer = GGUFWriter(file, "llama")
    writer.add_block_count(3)
    writer.add_token_list(["a", "", "größer"])
    writer.add_token_scores([1.0, 2.0, 3.0])
    writer.add_token_types([1, 1, 3])
    writer.add_name("made")
    writer.add_array("nested", [[1, 2], [3]])
    writer.add_tensor("one", np.arange(6, dtype=np.float32).reshape(2, 3))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    quick, plain = open_gguf(file), GGUFReader(file)
    assert list(quick.fields) == list(plain.fields)
    for name in ("llama.block_count", "general.name", "general.architecture"):
        found, expected = quick.get_field(name), plain.get_field(name)
        assert found is not None
        assert expected is not None
        assert found.contents() == expected.contents()
    (tensor,) = quick.tensors
    assert (tensor.name, tensor.data_offset) == ("one", plain.tensors[0].data_offset)
    assert (tensor.data == plain.tensors[0].data).all()
