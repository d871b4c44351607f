"""
How long one text takes inside the process: Parley's families beside Keras' `predict` and a scikit-learn pipeline.

    python -m benchmarks.single_text [--texts 1000]

All answer the same distinct texts of about ten words, one at a time, in this one run. Parley's answer in a process
without TensorFlow, as the server does; the others take turns every few texts in the process that trained them.
Everything is trained on the bundled flights data first.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np
from rich.console import Console
from rich.table import Table

from app.bootstrap.training import wire_training
from app.domain.model_reference import ModelReference
from app.pipeline.artifacts import SERVED_FILES, load_pipeline
from app.pipeline.intent_pipeline import IntentPipeline
from app.planning.auto_config import AUTO
from app.planning.check import CheckedPlan
from app.registry.model_registry import ModelRegistry
from app.settings import load_settings

from .accuracy import references
from .accuracy.parley import names
from .accuracy.sets import Row

ROOT = Path(__file__).resolve().parent.parent
OF_KERAS = ("bow", "lstm_attention")
TURN = 50
Answer = Callable[[str], object]


def main() -> None:
    """Train, time, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1000, help="distinct texts to answer")
    parser.add_argument("--keras-texts", type=int, default=60, help="of these, how many Keras' predict answers")
    parser.add_argument(
        "--families", default=",".join(name for name in names() if name != AUTO), help="which of Parley's"
    )
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    texts = distinct_texts(arguments.texts)
    if arguments.answer:
        print(json.dumps(times_of_parley(arguments.answer, texts)))
        return
    alone: dict[str, list[float]] = {}
    answers: dict[str, tuple[Answer, int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        training = wire_training(load_settings(ROOT, environment={}, flags={"models_dir": Path(folder)}), ROOT)
        for family in arguments.families.split(","):
            checked = training.check("flights", {"family": family}, [], ROOT)
            training.train(checked, lambda _: None)
            alone[f"Parley {family}"] = in_a_process_of_its_own(Path(folder), arguments.texts)
            if family in OF_KERAS:
                answers[f"Keras predict, the {family} network"] = (keras(Path(folder)), arguments.keras_texts)
        answers["scikit-learn, TF-IDF + linear SVM"] = (scikit_learn(checked), len(texts))
    print_table(texts, answers, alone)


def distinct_texts(n: int) -> list[str]:
    """Give texts of eight to twelve words: the bundled ones, then pairs of their halves, each a text of its own."""
    lines = (ROOT / "training_data/flights/train.tsv").read_text(encoding="utf-8").splitlines()[1:]
    whole = [text for line in lines if 8 <= len((text := line.split("\t")[0]).split()) <= 12]  # noqa: PLR2004
    random = np.random.default_rng(1)
    texts = dict.fromkeys(whole)
    while len(texts) < n:
        first, second = (whole[i].split() for i in random.integers(len(whole), size=2))
        texts[" ".join(first[:5] + second[-5:])] = None
    return list(texts)[:n]


def in_a_process_of_its_own(models_dir: Path, n_texts: int) -> list[float]:
    """Let another process answer all texts by the model just published; microseconds of each."""
    command = [sys.executable, "-m", "benchmarks.single_text", "--answer", str(models_dir), "--texts", str(n_texts)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    times: list[float] = json.loads(done.stdout)
    return times


def times_of_parley(models_dir: Path, texts: Sequence[str]) -> list[float]:
    """Answer as the server does between decoding and encoding; the first pass over the texts warms nothing up."""
    if "tensorflow" in sys.modules:
        raise RuntimeError("TensorFlow is in this process, as it never is in a server")
    _, pipeline = published(models_dir)
    times = []
    for text in texts:
        started = time.perf_counter()
        pipeline.predict([text], top_k=3)
        times.append((time.perf_counter() - started) * 1e6)
    return times


def published(models_dir: Path) -> tuple[Path, IntentPipeline]:
    """Give the folder and the pipeline of what was published last."""
    registry = ModelRegistry(models_dir)
    stored = registry.load("flights", registry.resolve(ModelReference("flights")), SERVED_FILES)
    return models_dir / stored.folder, load_pipeline("flights", stored.folder, stored.files)


def keras(models_dir: Path) -> Answer:
    """Answer by `Model.predict`, with the features and weights of what was published last."""
    # these bring TensorFlow, which has no place in the process that times Parley
    from app.networks.batches import padded  # noqa: PLC0415
    from app.networks.network_plan import NetworkPlan  # noqa: PLC0415

    folder, pipeline = published(models_dir)
    n_outputs = len(pipeline.label_encoder) + pipeline.calibration.knows_none
    plan = NetworkPlan(pipeline.name, pipeline.config, pipeline.features, n_outputs)
    model = plan.family_module().build(plan.config, plan.features, plan.n_outputs, serving=False)
    model.load_weights(folder / "model.weights.h5")

    def answer(text: str) -> object:
        encoding = pipeline.features.encode(text)
        return None if encoding is None else model.predict(padded([encoding]), verbose=0)

    return answer


def scikit_learn(checked: CheckedPlan) -> Answer:
    """Answer by the pipeline that most people would write first."""
    svm = references.contender(references.SVM)
    rows = [Row(str(example.input), example.intent) for example in checked.training.examples]
    return svm.load()(rows, 0).answer


def print_table(texts: Sequence[str], answers: dict[str, tuple[Answer, int]], alone: dict[str, list[float]]) -> None:
    """Time and print."""
    times: dict[str, list[float]] = {name: [] for name in answers}
    for start in range(0, len(texts), TURN):
        for name, (answer, n_texts) in answers.items():
            answer(texts[start - 1])  # what another's turn left in the caches is not this one's cost
            for text in texts[start : start + max(1, TURN * n_texts // len(texts))]:
                started = time.perf_counter()
                answer(text)
                times[name].append((time.perf_counter() - started) * 1e6)
    table = Table("one text, in the process", box=None)
    for heading in ("p50 µs", "p95 µs", "texts"):
        table.add_column(heading, justify="right")
    for name, spent in (alone | times).items():
        table.add_row(name, f"{median(spent):,.0f}", f"{np.percentile(spent, 95):,.0f}", str(len(spent)))
    Console().print(table)


if __name__ == "__main__":
    main()
