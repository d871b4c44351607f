"""
Execute a notebook by this very interpreter: `python -m tests.notebook.executed NOTEBOOK PARAMETERS`.

No kernel has to be installed anywhere. What the cells print comes out as one JSON list; PARAMETERS is JSON too, and
takes the place of what the cell tagged `parameters` says.
"""

import json
import sys
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient


class ThisInterpreter(AsyncKernelManager):
    """Starts kernels of the Python that runs."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """Say how."""
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], language="python"
        )


def executed(path: Path, parameters: dict[str, Any]) -> list[str]:
    """
    Execute all cells.

    Raises:
        CellExecutionError: one has failed.
    """
    notebook = nbformat.read(path, as_version=4)
    [chosen] = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())]
    chosen.source += "".join(f"\n{name} = {value!r}" for name, value in parameters.items())
    client = NotebookClient(
        notebook, km=ThisInterpreter(), timeout=600, resources={"metadata": {"path": str(path.parent)}}
    )
    client.execute()
    return [
        output["text"]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.get("name") == "stdout"
    ]


if __name__ == "__main__":
    print(json.dumps(executed(Path(sys.argv[1]), json.loads(sys.argv[2]))))
