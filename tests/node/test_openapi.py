"""The OpenAPI document is complete and true: every route is in it, and every answer is as it says."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from tests.makers import API, submission
from tocsin.node import Node
from tocsin.records import Receipt
from tocsin.web.i18n import LANGUAGES

REPORT = {"channel": "sms", "content": "Your parcel is held, pay a fee", "reporter": "a@a.example"}
STATISTICS = "/api/v1/statistics"
KINDS = ("summary", "timeseries", "top")
UNSCHEMED = ("/assets/", "/fragments/", "/favicon.ico", "/api/v1/openapi")
"""What belongs to the pages, and the document itself."""

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def faults(schema: dict[str, Any], value: Any, document: dict[str, Any], place: str = "$") -> Iterator[str]:
    """Walk a value and its schema together; say where the value is not what the schema says.

    Objects may hold only what is described: the document must be complete.
    """
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/components/schemas/")
        yield from faults(document["components"]["schemas"][name], value, document, place)
        return
    for word in ("oneOf", "anyOf"):
        if word in schema and all(list(faults(one, value, document, place)) for one in schema[word]):
            yield f"{place}: none of {word}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r} not of {schema['enum']}"
    named = schema.get("type", [])
    allowed = [TYPES[one] for one in ([named] if isinstance(named, str) else named)]
    if allowed and not any(isinstance(value, one) for one in allowed):
        yield f"{place}: {type(value).__name__} is not {named}"
    elif isinstance(value, dict) and ("properties" in schema or "additionalProperties" in schema):
        yield from _object(schema, value, document, place)
    elif isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from faults(schema["items"], item, document, f"{place}[{number}]")


def _object(
    schema: dict[str, Any], value: dict[str, Any], document: dict[str, Any], place: str
) -> Iterator[str]:
    yield from (f"{place}.{name} is missing" for name in schema.get("required", []) if name not in value)
    others = schema.get("additionalProperties", False)
    for name, item in value.items():
        inner = schema.get("properties", {}).get(name, others)
        if inner is False:
            yield f"{place}.{name} is not described"
        elif isinstance(inner, dict):
            yield from faults(inner, item, document, f"{place}.{name}")


@pytest.fixture
def document(client: TestClient[Litestar]) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/openapi.json").json()
    return found


def check(document: dict[str, Any], operation: tuple[str, str], answer: Any) -> None:
    """Assert that an answer's status, media type and body are those of its operation."""
    path, method = operation
    responses = document["paths"][path][method]["responses"]
    described = responses.get(str(answer.status_code), responses["default"])
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in described.get("content", {}), (operation, answer.status_code, media_type)
    if media_type.endswith("json"):
        schema = described["content"][media_type]["schema"]
        assert list(faults(schema, answer.json(), document)) == []


def test_every_route_of_programs_is_in_the_document(served: Node, document: dict[str, Any]) -> None:
    """With each of its methods, a summary and a tag; pages and assets are for people."""
    pages = {"", *LANGUAGES}
    for route in served.app().routes:
        is_page = isinstance(route, HTTPRoute) and (
            route.path.split("/")[1] in pages
            or any(f"/{one}{route.path}" in paths(served) for one in LANGUAGES)
        )
        if not isinstance(route, HTTPRoute) or is_page or route.path.startswith(UNSCHEMED):
            continue
        operations = document["paths"][route.path_format]
        for method in route.route_handler_map:
            if method != "OPTIONS":
                operation = operations[method.lower()]
                assert operation["summary"]
                assert operation["tags"]


def paths(served: Node) -> set[str]:
    return {route.path for route in served.app().routes}


def test_every_operation_says_what_its_refusals_look_like(document: dict[str, Any]) -> None:
    """As problems, never as the framework's own."""
    for path, operations in document["paths"].items():
        for operation in operations.values():
            [media_type] = operation["responses"]["default"]["content"]
            assert media_type == "application/problem+json", path
            assert "400" not in operation["responses"]


GETS = (
    ("/healthz", "/healthz"),
    ("/readyz", "/readyz"),
    ("/metrics", "/metrics"),
    ("/api/v1/check", "/api/v1/check?q=Your+parcel+http://a.example/x"),
    ("/api/v1/check", "/api/v1/check?q=%2B447700900123"),
    ("/api/v1/check", "/api/v1/check?q="),
    ("/api/v1/check", "/api/v1/check"),
    ("/api/v1/campaigns", "/api/v1/campaigns"),
    ("/api/v1/campaigns", "/api/v1/campaigns?limit=many"),
    ("/api/v1/campaigns", "/api/v1/campaigns?limit=0"),
    ("/api/v1/campaigns/{campaign}", "/api/v1/campaigns/{campaign}"),
    ("/api/v1/campaigns/{campaign}", "/api/v1/campaigns/none"),
    ("/api/v1/reports/{ticket}", "/api/v1/reports/{ticket}"),
    ("/api/v1/reports/{ticket}", "/api/v1/reports/none"),
    *((f"{STATISTICS}/{kind}", f"{STATISTICS}/{kind}") for kind in KINDS),
    *((f"{STATISTICS}/{kind}", f"{STATISTICS}/{kind}?format=csv") for kind in KINDS),
    *((f"{STATISTICS}/{kind}", f"{STATISTICS}/{kind}?source=x") for kind in KINDS),
    (f"{STATISTICS}/top", f"{STATISTICS}/top?start=yesterday"),
)


@pytest.mark.parametrize(("path", "address"), GETS)
def test_what_is_read_is_as_the_document_says(
    served: Node, client: TestClient[Litestar], document: dict[str, Any], path: str, address: str
) -> None:
    """Good answers and refusals, with reports in the ledger."""
    items = [(submission(reporter=f"{n}@reporter.example"), API) for n in range(6)]
    first = served.desk.take(items)[0]
    assert isinstance(first, Receipt)
    campaign = client.get("/api/v1/campaigns").json()["campaigns"][0]["id"]
    check(document, (path, "get"), client.get(address.format(ticket=first.ticket, campaign=campaign)))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (REPORT, 201),
        ([REPORT, {"channel": "pigeon"}], 207),
        ([{"channel": "pigeon"}], 422),
        ({"channel": "pigeon"}, 422),
        ([REPORT], 201),
        ("[", 400),
    ],
)
def test_what_a_report_is_answered_is_as_the_document_says(
    client: TestClient[Litestar], document: dict[str, Any], body: Any, status: int
) -> None:
    """Each status of one and of many; the second time the same one is 200."""
    sent = body if isinstance(body, str) else json.dumps(body)
    answer = client.post("/api/v1/reports", content=sent)
    assert answer.status_code == status
    check(document, ("/api/v1/reports", "post"), answer)
    if body is REPORT:
        again = client.post("/api/v1/reports", content=sent)
        assert again.status_code == 200
        check(document, ("/api/v1/reports", "post"), again)


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"content": "You won"}], "reasons": True},
        {"messages": [{"content": "You won", "colour": "red"}]},
        {"messages": "You won"},
    ],
)
def test_what_screening_answers_is_as_the_document_says(
    client: TestClient[Litestar], document: dict[str, Any], body: Any
) -> None:
    """Verdicts, and refusals with the field at fault."""
    check(document, ("/api/v1/screen", "post"), client.post("/api/v1/screen", json=body))


def test_the_walker_finds_what_is_wrong() -> None:
    """A missing, an undescribed and a mistyped value each."""
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    assert list(faults(schema, {"a": 1}, {})) == []
    assert list(faults(schema, {}, {})) == ["$.a is missing"]
    assert list(faults(schema, {"a": "1"}, {})) == ["$.a: str is not integer"]
    assert list(faults(schema, {"a": 1, "b": 2}, {})) == ["$.b is not described"]
