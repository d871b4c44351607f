"""The OpenAPI document, made from the operations and the very types that validate requests."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from ..domain.caller import Scope
from ..domain.error_code import code_of
from ..domain.errors import AuthenticationError, InvalidRequestError, MissingScopeError, ParleyError
from ..domain.identity_errors import ForbiddenModelError, ForbiddenOriginError, SeveralProofsError
from ..domain.load_errors import NoRoomError, OverloadedError
from ..domain.rate_limit_errors import RateLimitedError, TooManyGuessesError
from ..domain.storage_errors import StorageUnavailableError
from .decoding import BodyTooLargeError, MalformedBodyError, UnsupportedMediaTypeError
from .errors import ErrorReply, status_of
from .operation import Operation

_FORM = "multipart/form-data"
_FILE = "file"
_FORBIDDEN = 403
_REFERENCE = "#/components/schemas/{name}"
_BYTES = {"type": "string", "format": "binary"}
_URLENCODED = "application/x-www-form-urlencoded"
_SCOPES = {
    Scope.PREDICT.value: "Ask models.",
    Scope.TRAIN.value: "Train, publish, activate and delete versions.",
    Scope.REVIEW.value: "Look at what people asked, and correct it.",
    Scope.ADMIN.value: "Everything.",
}
_OAUTH2 = {
    "type": "oauth2",
    "flows": {
        "clientCredentials": {"tokenUrl": "/oauth/token", "scopes": _SCOPES},
        "authorizationCode": {
            "authorizationUrl": "/oauth/authorize",
            "tokenUrl": "/oauth/token",
            "refreshUrl": "/oauth/token",
            "scopes": _SCOPES,
        },
    },
}
_ABOUT = """Text in, intent out, or an honest "I do not know". Every route but health and documentation needs
credentials: press **Authorize** and give the user `admin` with its password, an access token or an API key, then
**Try it out**."""

_SCHEMES: Final[dict[str, dict[str, str]]] = {
    "basic": {"type": "http", "scheme": "basic", "description": "User and password."},
    "bearer": {"type": "http", "scheme": "bearer", "description": "An access token, or an API key."},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key."},
    "session": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "For pages of this server: what belongs to the session that the browser's cookie holds.",
    },
}


def openapi_document(operations: Iterable[Operation], version: str) -> dict[str, Any]:
    """Describe the operations as OpenAPI 3.1."""
    operations = tuple(operations)
    every = [*operations, *(other.operation for operation in operations for other in operation.others)]
    types = [kind for operation in every for kind in _types(operation)]
    schemas, components = msgspec.json.schema_components([*types, ErrorReply], ref_template=_REFERENCE)
    schema_of = dict(zip([*types, ErrorReply], schemas, strict=True))
    paths: dict[str, Any] = {}
    for operation in operations:
        described = _described(operation, schema_of)
        for other in operation.others:
            _describe_too(described, other.operation, schema_of)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return {
        "info": {
            "title": "Parley",
            "version": version,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in every)],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {**_SCHEMES, "oauth2": _OAUTH2},
        },
    }


def _types(operation: Operation) -> list[type]:
    of_replies = [kind for kinds in operation.replies.values() for kind in kinds]
    if operation.refusals is not None:
        of_replies.append(operation.refusals.kind)
    return [operation.body, *of_replies] if operation.body else of_replies


def _describe_too(described: dict[str, Any], other: Operation, schema_of: dict[type, dict[str, Any]]) -> None:
    """Describe what else a request to the same method and path may mean."""
    more = _described(other, schema_of)
    described["tags"] += more["tags"]
    described["description"] += f"\n\n**{other.tag}** ({other.summary}): {more['description']}"
    if other.open_as is not None:
        described["security"].append({})
    described.setdefault("parameters", []).extend(more.get("parameters", []))
    described["requestBody"]["required"] &= more["requestBody"]["required"]
    _add_content(described["requestBody"]["content"], more["requestBody"]["content"])
    for status, reply in more["responses"].items():
        known = described["responses"].setdefault(status, {"description": reply["description"], "content": {}})
        _add_content(known["content"], reply["content"])


def _add_content(content: dict[str, Any], more: dict[str, Any]) -> None:
    for kind, described in more.items():
        if kind not in content:
            content[kind] = described
        elif described["schema"] != content[kind]["schema"]:
            schema = content[kind]["schema"]
            schemas = schema.get("anyOf", [schema])
            content[kind] = {**content[kind], "schema": {"anyOf": [*schemas, described["schema"]]}}


def _described(operation: Operation, schema_of: dict[type, dict[str, Any]]) -> dict[str, Any]:
    description: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "security": _security(operation),
        "responses": {
            str(status): {
                "description": "The answer.",
                "content": _content(operation, kinds, schema_of),
            }
            for status, kinds in operation.replies.items()
        },
    }
    for status, errors in _errors_by_status(operation).items():
        description["responses"].setdefault(
            str(status),
            {
                "description": "; ".join(f"`{code_of(error)}`: {_first_sentence(error)}" for error in errors),
                "content": _refusal_content(operation, schema_of),
            },
        )
    parameters = [
        {"name": name, "in": "path", "required": True, "description": text, "schema": {"type": "string"}}
        for name, text in operation.parameters.items()
    ]
    parameters += [
        {"name": name, "in": "query", "description": text, "schema": {"type": "string"}}
        for name, text in operation.query.items()
    ]
    if parameters:
        description["parameters"] = parameters
    if operation.open_as is not None:
        description["security"].append({})
    if content := _request_content(operation, schema_of):
        description["requestBody"] = {"required": not operation.raw, "content": content}
    return description


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if operation.scope is None:
        return []
    enough = [operation.scope] if operation.or_scope is None else [operation.scope, operation.or_scope]
    proofs: list[dict[str, list[str]]] = [{scheme: []} for scheme in _SCHEMES]
    return [*proofs, *({"oauth2": [scope.value]} for scope in enough)]


def _request_content(operation: Operation, schema_of: dict[type, dict[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {
        kind: {"schema": {"type": "string", "format": "binary", "description": text}}
        for kind, text in operation.uploads.items()
    }
    for kind, text in operation.raw.items():
        content[kind] = {"schema": {"description": text}}
    if operation.fields:
        content[_URLENCODED] = {"schema": _fields_schema(operation.fields)}
    if operation.form:
        content[_FORM] = {"schema": _form_schema(operation.form)}
    if operation.body:
        examples = {
            f"example{number}": {"summary": example.summary, "value": example.value}
            for number, example in enumerate(operation.examples, 1)
        }
        content |= _json(schema_of[operation.body])
        content["application/json"]["examples"] = examples
    return content


def _fields_schema(fields: Mapping[str, str]) -> dict[str, Any]:
    """Describe a form of texts."""
    properties = {name: {"type": "string", "description": text} for name, text in fields.items()}
    return {"type": "object", "properties": properties}


def _form_schema(fields: Mapping[str, str]) -> dict[str, Any]:
    """Describe a form: a file, and texts beside it."""
    properties: dict[str, Any] = {name: {"type": "string", "description": text} for name, text in fields.items()}
    properties[_FILE]["format"] = "binary"
    return {"type": "object", "properties": properties, "required": [_FILE]}


def _errors_by_status(operation: Operation) -> dict[int, list[type[ParleyError]]]:
    errors = list(operation.errors)
    if operation.query:
        errors += [InvalidRequestError]
    if operation.uploads:
        errors += [OverloadedError, NoRoomError]
    if operation.fields:
        errors += [InvalidRequestError, BodyTooLargeError, UnsupportedMediaTypeError]
    if operation.body or operation.uploads:
        errors += [MalformedBodyError, BodyTooLargeError, UnsupportedMediaTypeError]
    if operation.scope:
        errors += [
            SeveralProofsError,
            AuthenticationError,
            MissingScopeError,
            ForbiddenModelError,
            ForbiddenOriginError,
            TooManyGuessesError,
            StorageUnavailableError,
            OverloadedError,
        ]
    if operation.is_limited:
        errors += [RateLimitedError]
    by_status: dict[int, list[type[ParleyError]]] = {}
    for error in sorted(dict.fromkeys(errors), key=status_of):
        is_forbidden = error is AuthenticationError and operation.refusals is not None and operation.refusals.forbids
        by_status.setdefault(_FORBIDDEN if is_forbidden else status_of(error), []).append(error)
    return by_status


def _first_sentence(error: type[ParleyError]) -> str:
    return (error.__doc__ or "").strip().split("\n", maxsplit=1)[0].removesuffix(".")


def _any_of(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _content(operation: Operation, kinds: Sequence[type], schema_of: dict[type, dict[str, Any]]) -> dict[str, Any]:
    if str in kinds:
        return {kind: {"schema": schema_of[str]} for kind in operation.gives}
    if bytes in kinds:
        return {kind: {"schema": _BYTES} for kind in operation.gives}
    return _json(_any_of([schema_of[kind] for kind in kinds]))


def _refusal_content(operation: Operation, schema_of: dict[type, dict[str, Any]]) -> dict[str, Any]:
    kind = operation.refusals.kind if operation.refusals else ErrorReply
    return {"text/plain": {"schema": schema_of[str]}} if kind is str else _json(schema_of[kind])


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
