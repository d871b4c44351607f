"""
A model as an object, and as scikit-learn's tools know one.

It is trained, exported, proved and loaded as any other: what it answers in a notebook is what a server answers once it
was saved. Its parameters are those of a model's configuration, the nested ones as scikit-learn spells them:
`training__epochs`.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin  # noqa: TID253 - this is for those who use it

from ..domain.entity import FoundEntities
from ..domain.errors import ConfigurationError
from ..domain.example import Dataset, Example, Reply
from ..domain.model_reference import ModelReference
from ..domain.prediction import Prediction
from ..evaluation.figures import Figures, measure
from ..families.model_config import ModelConfig
from ..pipeline.artifacts import load_config, load_pipeline
from ..pipeline.intent_pipeline import IntentPipeline
from ..planning.check import check_data
from ..planning.gazetteer_files import with_gazetteers_read
from ..planning.plan import DataPlan, read_plan_file, settle_config
from ..registry.manifest import Facts
from ..registry.model_registry import ModelRegistry
from ..registry.stored_models import StoredModels

_GROUPS: Final = ("text", "features", "network", "training")
_SINGLE: Final = ("min_confidence", "entities")
_NAME: Final = "model"
_NOTHING_KNOWN: Final = ""


class IntentModel(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """
    Texts to intents.

    Args:
        family: the architecture, by its name.
        text: how texts become words, as in a model's configuration; so are the groups that follow. What is absent is
            the family's default.
        features: of the family.
        network: of the family.
        training: how it is fitted.
        min_confidence: below it `answers` names no intent.
        entities: what `named` finds in texts, by name.
        architecture: a Python file with a function `build(config, features, n_outputs, *, serving)`. The Keras network
            that it gives is put on the family's features, in the place of the family's own.
    """

    def __init__(  # noqa: PLR0913 - a model's configuration
        self,
        family: str = "bow",
        *,
        text: Mapping[str, Any] | None = None,
        features: Mapping[str, Any] | None = None,
        network: Mapping[str, Any] | None = None,
        training: Mapping[str, Any] | None = None,
        min_confidence: float | None = None,
        entities: Mapping[str, Any] | None = None,
        architecture: str | Path | None = None,
    ) -> None:
        self.family, self.text, self.features, self.network = family, text, features, network
        self.training, self.min_confidence, self.architecture = training, min_confidence, architecture
        self.entities = entities

    @classmethod
    def configured(cls, path: str | Path) -> Self:
        """
        Take the hyper-parameters of a model's configuration file; what it says about data is passed over.

        Raises:
            ConfigurationError: it cannot be read, or means nothing.
        """
        given = read_plan_file(Path(path))
        given = {key: value for key, value in given.items() if key not in DataPlan.__struct_fields__}
        return cls._of(settle_config(with_gazetteers_read(given, Path(), str(path)), str(path)))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """
        Load a version out of a registry: `models/smalltalk`, `models/smalltalk@7` or `models/smalltalk@previous`.

        Raises:
            NotFoundError: there is no such version.
            DamagedModelError: it is not whole.
        """
        path = Path(path)
        registry = StoredModels(path.parent)
        reference = ModelReference.parse(path.name)
        version = registry.resolve(reference)
        manifest = registry.manifest(reference.name, version)
        stored = registry.load(reference.name, version, {entry.path for entry in manifest.files.values()})
        model = cls._of(load_config(stored.folder, stored.files))
        return model._hold(stored.files, manifest.facts)  # noqa: SLF001 - one of this class

    @classmethod
    def _of(cls, config: ModelConfig) -> Self:
        values = msgspec.to_builtins(config)
        return cls(values["family"], **{key: values[key] for key in (*_GROUPS, *_SINGLE) if key in values})

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002 - scikit-learn's signature
        """
        Give the parameters as they were set, and `deep` also each that the groups hold, with the family's defaults.

        Raises:
            ConfigurationError: they are not of this family.
        """
        params: dict[str, Any] = super().get_params(deep=False)
        if deep:
            values = msgspec.to_builtins(self._config())
            for group in _GROUPS:
                params |= {f"{group}__{key}": value for key, value in values.get(group, {}).items()}
        return params

    def set_params(self, **params: Any) -> Self:  # noqa: ANN401 - as scikit-learn calls it
        """
        Set parameters.

        Raises:
            ValueError: there is none of that name, as scikit-learn says it.
        """
        own = super().get_params(deep=False)
        for name, value in params.items():
            group, nested, key = name.partition("__")
            if group not in (_GROUPS if nested else own):
                raise ValueError(f"Invalid parameter {name!r} for estimator {type(self).__name__}.")
            setattr(self, group, {**(getattr(self, group) or {}), key: value} if nested else value)
        try:
            self._config()
        except ConfigurationError as error:
            raise ValueError(str(error)) from error
        return self

    def fit(
        self,
        X: ArrayLike | Sequence[str],  # noqa: N803 - scikit-learn's name
        y: ArrayLike | Sequence[str],
        *,
        out_of_scope: Sequence[str] = (),
        replies: Mapping[str, Reply] | None = None,
    ) -> Self:
        """
        Train on texts `X` and their intents `y`.

        Args:
            X: texts.
            y: the intent of each, a text as well.
            out_of_scope: texts that none of the intents is meant for.
            replies: what may be said to an intent.

        Raises:
            ConfigurationError: the parameters make no sense.
            DatasetError: nothing can be learned from these texts.
            TrainingError: it came to nothing.
        """
        from ..training.train_model import train_model  # noqa: PLC0415 - TensorFlow takes seconds to import

        texts, intents = _texts(X), _texts(y)
        if len(texts) != len(intents):
            raise ValueError(f"{len(texts)} texts with {len(intents)} intents")
        examples = tuple([Example(text, intent) for text, intent in zip(texts, intents, strict=True)])
        data = Dataset(examples, dict(replies or {}), source="fit", out_of_scope=tuple(out_of_scope))
        architecture = None if self.architecture is None else Path(self.architecture)
        checked = replace(check_data(_NAME, self._config(), data), architecture=architecture)
        with tempfile.TemporaryDirectory() as folder:
            registry = ModelRegistry(Path(folder))
            manifest = train_model(checked, registry, lambda _: None).manifest
            paths = {entry.path for entry in manifest.files.values()}
            return self._hold(registry.load(_NAME, manifest.version, paths).files, manifest.facts)

    def predict(self, X: ArrayLike | Sequence[str]) -> NDArray[np.str_]:  # noqa: N803
        """Give the likeliest intent of each text, sure or not; an empty text where nothing of it is known."""
        return np.array([one.best or _NOTHING_KNOWN for one in self.answers(X, top_k=1)], dtype=np.str_)

    def predict_proba(self, X: ArrayLike | Sequence[str]) -> NDArray[np.float64]:  # noqa: N803
        """
        Give the confidence of every intent, in the order of `classes_`.

        A row sums to 1, or to less where the rest is that of "none of these"; it is 0 where nothing is known.
        """
        column = {intent: number for number, intent in enumerate(self.classes_.tolist())}
        answers = self.answers(X, top_k=len(column))
        probabilities = np.zeros((len(answers), len(column)))
        for row, answer in enumerate(answers):
            for place in answer.ranking:
                probabilities[row, column[place.intent]] = place.confidence
        return probabilities

    def answers(self, X: ArrayLike | Sequence[str], *, top_k: int = 3) -> list[Prediction]:  # noqa: N803
        """Answer texts as a server does: an intent or none, why none, the confidence and the ranking."""
        return self._pipeline().predict(_texts(X), top_k=top_k)

    def named(self, X: ArrayLike | Sequence[str], *, now: datetime | None = None) -> list[FoundEntities]:  # noqa: N803
        """Find what is named in texts, as a server does; `now` is what "tomorrow" is counted from."""
        finder = self._pipeline().entities
        moment = now or datetime.now()  # noqa: DTZ005 - the time of this machine, as everywhere
        return [finder.find(text, moment) if finder else FoundEntities(()) for text in _texts(X)]

    def evaluate(self, X: ArrayLike | Sequence[str], y: ArrayLike | Sequence[str]) -> Figures:  # noqa: N803
        """Compare with the true intents."""
        return measure(_texts(y), self.answers(X, top_k=1))

    def save(self, path: str | Path, *, activate: bool = True) -> int:
        """
        Publish it as the next version of a model, `models/<name>`, and give the version's number.

        The gate is not asked; with `activate=False` the version waits until `python -m app models activate` asks it.

        Raises:
            InvalidModelNameError, UnwritableRegistryError, DamagedModelError: it cannot be put there.
        """
        self._pipeline()
        path = Path(path)
        registry = ModelRegistry(path.parent)
        return registry.publish(path.name, self.files_, self.facts_, activate=activate).version

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what no process can hand to another; it is made again from the files."""
        state: dict[str, Any] = dict(super().__getstate__())
        state.pop("_loaded", None)
        return state

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - scikit-learn is untyped
        """Say that it takes texts."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.string = False, True
        return tags

    def _config(self) -> ModelConfig:
        given = {key: getattr(self, key) for key in (*_GROUPS, *_SINGLE)}
        given = {key: value for key, value in given.items() if value is not None}
        return settle_config({"family": self.family, **given}, type(self).__name__)

    def _hold(self, files: Mapping[str, bytes], facts: Facts) -> Self:
        self.files_, self.facts_ = dict(files), facts
        self._loaded: IntentPipeline | None = None
        self.classes_ = np.array(self._pipeline().label_encoder.intents, dtype=np.str_)
        return self

    def _pipeline(self) -> IntentPipeline:
        if not hasattr(self, "files_"):
            raise ValueError("this model is not trained yet: call `fit`, or `IntentModel.load`")
        loaded: IntentPipeline | None = getattr(self, "_loaded", None)
        if loaded is None:
            loaded = self._loaded = load_pipeline(_NAME, _NAME, self.files_)
        return loaded


def _texts(values: ArrayLike | Sequence[str]) -> list[str]:
    """
    Give texts out of whatever holds them.

    Raises:
        ValueError: it holds anything else.
    """
    if isinstance(values, str):
        raise ValueError("expected several texts, not one")  # noqa: TRY004 - as scikit-learn says it
    texts = np.asarray(values, dtype=object)
    if texts.ndim != 1:
        raise ValueError(f"expected texts in a row, not of shape {texts.shape}")
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"expected texts, not {type(text).__name__} in place {place}")  # noqa: TRY004
    return [str(text) for text in texts]
