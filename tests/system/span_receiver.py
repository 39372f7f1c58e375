"""A receiver of OTLP over HTTP that takes nothing that is not exactly as OpenTelemetry has it."""

import base64
import contextlib
import json
import re
import sys
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from comporta_native.part import HOST
from comporta_native.stack import SOURCE
from held_server import HeldServer

sys.path.append(str(SOURCE / "build" / "tools" / "opentelemetry"))  # deploy/native/install test

from google.protobuf import json_format  # noqa: E402
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest  # noqa: E402

IDS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}


@dataclass(frozen=True)
class Span:
    service: str
    instance: str
    trace: str
    id: str
    parent: str  # "": none
    name: str
    kind: int
    begin: int  # ns
    end: int
    failed: bool
    attributes: dict


def _value(value):
    return getattr(value, value.WhichOneof("value"))


def _attributes(holder):
    pairs = [(pair.key, _value(pair.value)) for pair in holder.attributes]
    assert len(dict(pairs)) == len(pairs), "an attribute is there twice"
    return dict(pairs)


def _with_bytes(span):
    """OTLP's JSON has ids as hexadecimal digits, where Protobuf's has base64."""
    for name, digits in IDS.items():
        if name in span:
            assert re.fullmatch(f"[0-9a-f]{{{digits}}}", span[name]) and int(span[name], 16), span[name]
            span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()


def read_spans(body):
    """Those of a request; raises what is wrong with it."""
    message = json.loads(body)
    for resource in message["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                assert all(isinstance(span[name], str) for name in ("startTimeUnixNano", "endTimeUnixNano")), span
                _with_bytes(span)
    request = json_format.ParseDict(message, ExportTraceServiceRequest(), ignore_unknown_fields=False)
    for resource in request.resource_spans:
        source = _attributes(resource.resource)
        for span in (span for scope in resource.scope_spans for span in scope.spans):
            yield Span(source["service.name"], source["service.instance.id"], span.trace_id.hex(), span.span_id.hex(),
                       span.parent_span_id.hex(), span.name, span.kind, span.start_time_unix_nano,
                       span.end_time_unix_nano, span.status.code == 2, _attributes(span))


class SpanReceiver(HeldServer):
    """`spans`: those that came; `faults`: what was wrong with requests; `bodies`: of all that came."""

    def __init__(self):
        self.spans, self.faults, self.bodies = [], [], []
        super().__init__()

    @property
    def endpoint(self):
        return f"http://{HOST}:{self.port}"

    def of_trace(self, trace):
        return [span for span in list(self.spans) if span.trace == trace]

    def _take(self, path, headers, body):
        with self._lock:
            self.bodies.append(body)
            try:
                assert (path, headers["Content-Type"]) == ("/v1/traces", "application/json"), path
                self.spans.extend(read_spans(body))
            except Exception as fault:  # noqa: BLE001: whatever it is, the test is told
                self.faults.append(f"{type(fault).__name__}: {fault}")

    def _handler(self):
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver._open.wait()
                receiver._take(self.path, self.headers, body)
                with contextlib.suppress(OSError):  # who sent it may have had enough
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", "2")
                    self.end_headers()
                    self.wfile.write(b"{}")

            def log_message(self, *_arguments):
                pass

        return Handler
