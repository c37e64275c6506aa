#!/usr/bin/env python3
"""An agent's client in a page: it is told where the API's document is, and finds the rest in there.

    agent_client.py DOCUMENT NAME COLLEAGUE PURPOSE OUTCOME    (the password comes by stdin)

It logs in, waits until the agent's phone rings, takes a note, has the phone answer, passes the
caller on to the colleague, says why the caller rang and what came of it, and is ready again.
It needs Python's standard library and nothing else, and prints what it did as JSON.
"""

import http.cookiejar
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid

PATIENCE_S = 60
CHANGING = ("post", "put", "patch", "delete")


class Refused(Exception):
    """A problem document (RFC 9457)."""

    def __init__(self, operation, problem):
        super().__init__(f"{operation}: {problem.get('status')} {problem.get('detail')}")
        self.status = problem.get("status")
        self.code = problem.get("code")


class Api:
    """The operations of an OpenAPI document, by their names."""

    def __init__(self, place):
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)
        self.place = place
        with self.opener.open(place, timeout=PATIENCE_S) as answer:
            self.document = json.load(answer)
        self.operations = {
            operation["operationId"]: (method.upper(), path, operation)
            for path, item in self.document["paths"].items()
            for method, operation in item.items()
        }

    def begin(self, name, *named, body=None, **query):
        """Asks for an operation; the answer is still to be read."""
        method, path, operation = self.operations[name]
        parameters = operation.get("parameters", [])
        in_path = [one["name"] for one in parameters if one["in"] == "path"]
        for parameter, value in zip(in_path, named, strict=True):
            path = path.replace("{" + parameter + "}", urllib.parse.quote(value, safe=""))
        if query:
            path = path + "?" + urllib.parse.urlencode(query)
        request = urllib.request.Request(urllib.parse.urljoin(self.place, path), method=method)
        if "requestBody" in operation:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body or {}).encode()
        if method.lower() in CHANGING:
            request.add_header("Idempotency-Key", str(uuid.uuid4()))
        try:
            return self.opener.open(request, timeout=PATIENCE_S)
        except urllib.error.HTTPError as error:
            raise Refused(name, json.load(error)) from None

    def ask(self, name, *named, body=None, **query):
        """Asks for an operation, and reads what comes back."""
        with self.begin(name, *named, body=body, **query) as answer:
            text = answer.read()
        return json.loads(text) if text else None


class Events:
    """The stream of what happens (WHATWG HTML, server-sent events)."""

    def __init__(self, api):
        self.stream = api.begin("get_events")

    def __iter__(self):
        kind, data = "message", []
        for line in self.stream:
            field, _, value = line.decode().rstrip("\r\n").partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                kind = value
            elif field == "data":
                data.append(value)
            elif not field and not value:
                if data:
                    yield kind, json.loads("\n".join(data))
                kind, data = "message", []
        raise EOFError("the stream of events is over")

    def until(self, wanted, fits):
        """The data of the next event of this kind that fits."""
        return next(data for kind, data in self if kind == wanted and fits(data))


def serve(api, name, password, colleague, purpose, outcome):
    """One call, from its ring to its wrap-up."""
    api.ask("post_session", body={"name": name, "password": password})
    own = api.ask("get_session")["extension"]
    events = Events(api)
    state = api.ask("get_agents_one", own)["state"]
    print(json.dumps({"waits": own, "state": state}), flush=True)

    def is_mine(state):
        return lambda data: data["agent"] == own and data["state"] == state

    # My phone rings: whoever calls is noted down while it does.
    call = events.until("agent", is_mine("ringing"))["call"]
    events.until("call", lambda data: data["call"] == call and data["kind"] == "agent_ringing")
    rung = events.until("ring", lambda data: data["call"] == call)["ring"]
    shown = api.ask("get_calls_one", call)
    begun = api.ask("put_calls_one_note", call, body={"text": "rings", "base": 0})

    # The phone is told to answer, and we are in the call.
    api.ask("post_calls_one_talk", call)
    events.until("call", lambda data: data["call"] == call and data["kind"] == "answered")
    text = f"{shown['caller']['number']} wants {colleague}"
    note = api.ask("put_calls_one_note", call, body={"text": text, "base": begun["version"]})

    # The caller goes to the colleague; the work after the call begins, and ends with the wrap-up.
    api.ask("post_calls_one_transfer", call, body={"agent": colleague})
    events.until("agent", is_mine("wrap_up"))
    codes = api.ask("get_lines_one_codes", shown["line"])
    assert purpose in [code["code"] for code in codes["purposes"]], codes
    assert outcome in [code["code"] for code in codes["outcomes"]], codes
    fields = {"name": "Wang", "apology_given": True}
    says = {"purpose": purpose, "outcome": outcome, "note": text + "; passed on", "fields": fields}
    done = api.ask("put_calls_one_wrap_up", call, body=says)
    events.until("agent", is_mine("ready"))
    lines = {"call": call, "ring": rung, "notes": [begun["version"], note["version"], done["note"]]}
    print(json.dumps(lines | {"complete": done["complete"]}), flush=True)
    api.ask("delete_session")


if __name__ == "__main__":
    place, name, colleague, purpose, outcome = sys.argv[1:]
    password = sys.stdin.readline().rstrip("\n")
    serve(Api(place), name, password, colleague, purpose, outcome)
