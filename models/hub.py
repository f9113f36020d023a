"""Take models from a model hub, with the client that sentence-transformers brings.

In: a hub source of the manifest. Out: a file's address (streamed and checked by the store), or
a downloaded folder checked against the hub's own digests. What can fail: no network, an unknown
repository, a wrong digest; each a BelegtError. ``HF_ENDPOINT``, ``HF_TOKEN`` and
``HF_HUB_OFFLINE`` work as everywhere else.
"""

from __future__ import annotations

import os
from pathlib import Path

from base.errors import BelegtError
from base.files import sha256_of
from models.manifest import HubFolderSource, HubSource

ENCODER_FILES = ["*.json", "1_Pooling/*", "2_Normalize/*", "model.safetensors"]


def endpoint() -> str | None:
    """The hub that HF_ENDPOINT names; None for the client's own."""
    return os.environ.get("HF_ENDPOINT") or None


def file_address(source: HubSource) -> tuple[str, dict[str, str]]:
    """Return the address of ``source``'s file and the headers to ask with."""
    from huggingface_hub import constants, hf_hub_url
    from huggingface_hub.utils._headers import build_hf_headers

    if constants.HF_HUB_OFFLINE:
        raise BelegtError("HF_HUB_OFFLINE is set.")
    address = hf_hub_url(
        source.repository, source.file, revision=source.revision, endpoint=endpoint()
    )
    return address, dict(build_hf_headers())


def fetch_folder(source: HubFolderSource, folder: Path) -> None:
    """Download a sentence-transformers repository into ``folder`` and check what has a digest."""
    from huggingface_hub import HfApi, snapshot_download

    try:
        facts = HfApi().model_info(source.repository, revision=source.revision, files_metadata=True)
        snapshot_download(
            source.repository,
            revision=facts.sha,
            local_dir=folder,
            allow_patterns=ENCODER_FILES,
        )
    except Exception as error:  # noqa: BLE001 - the client raises errors of several libraries
        raise BelegtError(f"{source.repository}: {type(error).__name__}") from None
    for sibling in facts.siblings or ():
        file = folder / sibling.rfilename
        if sibling.lfs and file.is_file() and sha256_of(file) != sibling.lfs.sha256:
            raise BelegtError(f"{source.repository}: {sibling.rfilename} has a wrong SHA-256")
