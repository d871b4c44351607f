"""What the process does that reads a stranger's model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..old_models.configurations import bring_configuration
from ..old_models.confinement import confine
from ..old_models.keras_folder import Reading, bring_keras, bring_stems
from ..old_models.pipeline_pickle import bring_pipeline
from ..old_models.recognised import OldModel, recognised


def read_confined(path: Path, out: Path, reading: Mapping[str, Any]) -> dict[str, Any]:
    """
    Give up what a process may do beside computing, for good, then read.

    Raises:
        UnimportableModelError: it cannot be brought; the sentence says why.
    """
    confine()
    return read(path, out, reading)


def read(path: Path, out: Path, reading: Mapping[str, Any]) -> dict[str, Any]:
    """
    Read a model, write the files of a version to `out`, and give what there is to tell.

    Raises:
        UnimportableModelError: it cannot be brought; the sentence says why.
    """
    kind = recognised(path)
    told: dict[str, Any] = {"kind": kind.value, "notes": [], "configuration": None, "data": []}
    if kind in (OldModel.JSON_CONFIG, OldModel.DATA):
        keys, data, notes = bring_configuration(path)
        return {**told, "notes": notes, "configuration": keys, "data": [file.name for file in data]}
    wanted = Reading(
        reading["matrix"], reading["padding"] == "pre", reading["truncating"] == "pre", not reading["abstain_unknown"]
    )
    if kind is OldModel.KERAS:
        files = bring_keras(path, wanted)
    elif kind is OldModel.STEMS:
        files = bring_stems(path)
    else:
        files = bring_pipeline(path if path.is_file() else next(path.glob("*.pkl")), wanted)
    for name, data_of_file in files.items():
        (out / name).write_bytes(data_of_file)
    return told
