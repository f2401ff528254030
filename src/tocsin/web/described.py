"""Completing the OpenAPI document (OpenAPI 3.1) with what the framework can't see for itself."""

from typing import Any

import msgspec
from litestar import Litestar
from litestar.routes import HTTPRoute

from tocsin.web.errors import Problem

ALSO = "also"
"""The key of a handler's `opt` under which it names a second media type of its answer."""
_REFERENCE = "#/components/schemas/{name}"
_PROBLEM = {
    "description": "Why it was not done (RFC 9457); `request_id` stands in the node's log too.",
    "content": {"application/problem+json": {"schema": {"$ref": _REFERENCE.format(name="Problem")}}},
    "headers": {
        "X-Request-ID": {"schema": {"type": "string"}, "description": "names this request"},
        "Retry-After": {"schema": {"type": "integer"}, "description": "seconds; with 503"},
    },
}


def complete(document: dict[str, Any], app: Litestar) -> None:
    """State each operation's problems, and its answer's other media type, in the document.

    Args:
        document: changed in place; completing it again changes nothing.
        app: whose routes it describes.
    """
    _, components = msgspec.json.schema_components([Problem], ref_template=_REFERENCE)
    document["components"]["schemas"] |= components
    for operations in document["paths"].values():
        for operation in operations.values():
            # What the framework believes of its own refusals is not what ours look like.
            operation["responses"].pop("400", None)
            operation["responses"]["default"] = _PROBLEM
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path_format in document["paths"]:
            for handler, _ in route.route_handler_map.values():
                _add_type(document["paths"][route.path_format], handler.opt.get(ALSO))


def _add_type(operations: dict[str, Any], media_type: str | None) -> None:
    if media_type is not None:
        answer = operations["get"]["responses"]["200"]
        answer["content"][media_type] = {"schema": {"type": "string"}}
