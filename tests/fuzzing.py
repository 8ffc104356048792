"""What is thrown at every address: forms as the pages really show them, altered in every way we could think of.

schemathesis, which the design names, reads its requests from an OpenAPI schema. Ours could say the addresses but not
the forms, which are in the pages and differ from role to role; and what has to be checked here — that nothing of
somebody else's is shown, that nothing typed becomes markup — is in no schema. So the forms are read out of the
pages, and hypothesis, on which schemathesis stands, does the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client
from hypothesis import strategies as st

#: An element, and an attribute, that no page of ours has: found in a page, something typed has become markup.
ELEMENT, ATTRIBUTE = "mdvkx", "mdvkattr"
MARKUP = [
    f"<{ELEMENT}>x</{ELEMENT}>",
    f'"><{ELEMENT} a="b">',
    f"' {ATTRIBUTE}='1",
    f'" {ATTRIBUTE}="1" x="',
    f"</script><{ELEMENT}>",
    f"</textarea></title><{ELEMENT}>",
    f"<svg><{ELEMENT} onload=alert(1)>",
    f"javascript:alert('<{ELEMENT}>')",
    f"[a](javascript:{ELEMENT}) ![x](x){{: onerror={ATTRIBUTE} }} <{ELEMENT}>",
    f"{{{{ 7|add:7 }}}}{{% debug %}}<{ELEMENT}>",
]
NASTY = [
    "", " ", "\t\r\n", "\0", "a\0b", "\ufeff", "\u202egnp.exe", "\u200f\u200e", "e\u0301" * 200,
    "🧑‍🤝‍🧑" * 50, "\ud800",
    "x" * 40_000, "%s%n%d{0}{a.__class__}", "${jndi:x}", "' OR 1=1 --", "'; DROP TABLE people_person; --",
    "\\", "../../etc/passwd",
    "-1", "0", "1e309", "-1e309", "NaN", "inf", "１２", "9" * 400, "0x10", "1_000", "2147483648",
    "9223372036854775808", "3,5", "3.5.5",
    "0000-00-00", "0001-01-01", "9999-12-31", "99999-01-01", "2026-02-30", "1.1.2026", "10000-01-01T00:00",
    "9999-12-31T23:59",
    "0001-01-01T00:00", "2026-03-29T02:30", "2026-10-25T02:30", "00000000-0000-0000-0000-000000000000",
    "not-a-uuid", "null", "None",
    "true", "on", "[]", "{}", '{"$ne": null}', "life-now@1", "life-now@999999999999", "life-now@", "@",
    "a@b@c", "none@1",
    "\r\nX-Injected: 1", "a\r\nSet-Cookie: b=c", "before",
    "after", "practitioner", "nb", "xx",
]  # fmt: skip
#: Addresses of somebody else's pages, in the ways that a browser understands.
AWAY = ["//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "http:evil.example"]
#: Everything above, and whatever else hypothesis makes of text.
values = st.one_of(
    st.sampled_from(AWAY),
    st.sampled_from(MARKUP),
    st.sampled_from(NASTY),
    st.text(max_size=60),
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(str),
    st.dates().map(str),
    st.datetimes().map(lambda moment: f"{moment:%Y-%m-%dT%H:%M}"),
    st.uuids(version=4).map(str),
)
METHODS = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FUZZ")
HEADERS = (
    "HX-Request", "HX-Target", "HX-Current-URL", "HX-Trigger", "HX-Boosted", "Accept", "Accept-Language",
    "Accept-Encoding", "Referer",
    "Origin", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-HTTP-Method-Override",
    "Range", "If-Modified-Since",
    "If-None-Match", "User-Agent", "X-CSRFToken", "X-Requested-With", "Host",
)  # fmt: skip
COOKIES = ("sessionid", "csrftoken", "language", "messages", "other")
CONTENT_TYPES = (
    "application/json", "text/plain", "text/xml", "application/octet-stream", "multipart/form-data",
    "multipart/form-data; boundary=x", "multipart/mixed; boundary=x",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=none-such", "", "a/b;;;=",
)  # fmt: skip
#: Words after which the pages ask in an address; found in the source, so that a new one is tried too.
ASKED = re.compile(r"""GET(?:\.get|\.getlist)?[\(\[]\s*["'](\w+)["']""")


@dataclass(frozen=True)
class Field:
    """A field of a form, and what may be chosen in it; empty where one writes."""

    name: str
    value: str
    choices: tuple[str, ...] = ()
    kind: str = "text"


@dataclass(frozen=True)
class Form:
    """A form that somebody is shown: who, where it is sent, and what it holds."""

    who: str
    action: str
    method: str
    fields: tuple[Field, ...]

    def filled_in(self) -> dict[str, str]:
        """As somebody would send it who fills it in sensibly."""
        return {each.name: each.value or sensible(each) for each in self.fields}


def sensible(empty: Field) -> str:
    if empty.choices:
        return next((choice for choice in empty.choices if choice), "")
    return {
        "date": "2026-01-15", "datetime-local": "2026-01-15T10:00", "email": "ola@example.org",
        "number": "3", "range": "3",
        "password": "gul sykkel ved havna", "checkbox": "on", "tel": "",
    }.get(empty.kind, "Ola")  # fmt: skip


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict] = []
        self.options: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(
                {"action": has.get("action", ""), "method": has.get("method", "get"), "fields": {}}
            )
        name = has.get("name", "")
        if not self.forms or (not name and tag != "option"):
            return
        fields = self.forms[-1]["fields"]
        if tag in {"input", "button"}:
            kind = has.get("type", "text")
            found = fields.get(name) or Field(
                name, "" if kind in {"radio", "checkbox"} else has.get("value", ""), (), kind
            )
            if kind in {"radio", "checkbox", "submit"}:
                found = Field(name, found.value, (*found.choices, has.get("value", "on")), kind)
            fields[name] = found
        elif tag in {"select", "textarea"}:
            fields[name] = Field(name, "", (), tag)
        elif tag == "option" and fields:
            last = list(fields.values())[-1]
            if last.kind == "select":
                chosen = has.get("value", "") if "selected" in has else last.value
                fields[last.name] = Field(last.name, chosen, (*last.choices, has.get("value", "")), "select")


def forms_of(who: str, path: str, response: HttpResponse) -> Iterator[Form]:
    """Every form on a page."""
    if not is_html(response):
        return
    reader = _Forms()
    reader.feed(response.content.decode())
    for found in reader.forms:
        yield Form(who, found["action"] or path, found["method"].lower(), tuple(found["fields"].values()))


def is_html(response: HttpResponse) -> bool:
    return not response.streaming and response.get("Content-Type", "").startswith("text/html")


@dataclass(frozen=True)
class Sent:
    """One request, whole, so that what failed can be read and sent again."""

    who: str
    method: str
    path: str
    query: str = ""
    data: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    content_type: str = "application/x-www-form-urlencoded"
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)

    def to(self, client: Client) -> HttpResponse:
        body = self.body
        if body is None:
            # As a broken browser would: what is no character is sent as bytes all the same.
            body = urlencode(self.data, errors="surrogatepass").encode()
        for name, value in self.cookies.items():
            client.cookies[name] = "x"
            # Past the quoting, which would make it harmless.
            client.cookies[name].set(name, value, value.replace(";", "").replace("\r", "").replace("\n", ""))
        query = f"?{self.query}" if self.query else ""
        return client.generic(
            self.method, self.path + query, body, content_type=self.content_type, headers=dict(self.headers)
        )


printable = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60
)
header_values = st.one_of(
    printable,
    st.sampled_from([
        "true", "false", "*/*", "nb;q=x,en", "en-" + "x" * 300, "zh-Hans;q=2", "http://testserver/",
        "http://evil.example/", "null",
        "https", "PUT", "bytes=0-5,9-",
        "Thu, 99 Foo 0000 99:99:99 GMT", '"', "evil.example", "127.0.0.1, ::1, x", "application/json",
        "%00", "a" * 4000, *(text for text in MARKUP if "\n" not in text),
    ]),
)  # fmt: skip
cookie_values = st.one_of(
    printable,
    st.sampled_from(
        ['"\\000\\000\\000\\000\\000\\000\\000\\000\\000"', '"\\777"', "x" * 5000, "=", '"', "ÿ"]
    ),
)


@st.composite
def altered(draw: st.DrawFn, forms: list[Form], callers: list[str], asked: list[str], ids: list[str]) -> Sent:
    """A real form, by the one who is shown it or by somebody else, with one to three things wrong."""
    form = draw(st.sampled_from(forms))
    who = draw(st.one_of(st.just(form.who), st.sampled_from(callers)))
    data = [(each.name, value) for each, value in zip(form.fields, form.filled_in().values(), strict=True)]
    for _ in range(draw(st.integers(0, 3))):
        what = draw(
            st.sampled_from(
                ["value", "value", "value", "choice", "drop", "twice", "more", "array", "other's"]
            )
        )
        at = draw(st.integers(0, len(data) - 1)) if data else None
        if at is None or what == "more":
            data.append((draw(st.one_of(st.sampled_from(asked), values)), draw(values)))
        elif what == "value":
            data[at] = (data[at][0], draw(values))
        elif what == "choice" and (
            choices := {each.name: each.choices for each in form.fields}.get(data[at][0])
        ):
            data[at] = (data[at][0], draw(st.sampled_from(choices)))
        elif what == "drop":
            del data[at]
        elif what == "twice":
            data.append((data[at][0], draw(values)))
        elif what == "array":
            data[at] = (f"{data[at][0]}[]", data[at][1])
        elif what == "other's":
            data[at] = (data[at][0], draw(st.sampled_from(ids)))
    if form.method == "get":
        return Sent(who, "GET", form.action, query=urlencode(data, errors="surrogatepass"))
    return Sent(who, "POST", form.action, data=tuple(data))


@st.composite
def broken(draw: st.DrawFn, paths: list[str], callers: list[str], asked: list[str]) -> Sent:
    """Any address by anybody, in any way: method, words in the address, body, headers, cookies."""
    query = draw(st.lists(st.tuples(st.sampled_from([*asked, "next", "x[]", ""]), values), max_size=3))
    return Sent(
        who=draw(st.sampled_from(callers)),
        method=draw(st.sampled_from(METHODS)),
        path=draw(st.sampled_from(paths)) + draw(st.sampled_from(["", "", "", "", "%00", "%FF/", "..;/",
        "%2e%2e/"])),
        query=urlencode(query, errors="surrogatepass"),
        body=draw(st.one_of(st.just(b""), st.binary(max_size=200), st.sampled_from(
            [b"{", b"[1]", b"<a/>", b"--x\r\n", b"a=%ff%fe&b=%00", b"=&=&&", b"a=" + b"1" * 1_200_000, b"a=1&" * 700]
        ))),
        content_type=draw(st.sampled_from(["application/x-www-form-urlencoded", *CONTENT_TYPES])),
        headers=draw(st.dictionaries(st.sampled_from(HEADERS), header_values, max_size=3)),
        cookies=draw(st.dictionaries(st.sampled_from(COOKIES), cookie_values, max_size=2)),
    )  # fmt: skip


class _Markers(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if ELEMENT in tag or any(ATTRIBUTE in name for name, _value in attrs):
            self.found.append(tag)
        for name, value in attrs:
            if name in {"href", "src", "action", "formaction"} and (value or "").strip().lower().startswith(
                "javascript:"
            ):
                self.found.append(f"{tag} {name}")


TRACEBACK = ("Traceback (most recent", 'File "/', "DEBUG = True", "OperationalError", "IntegrityError")


def faults_of(response: HttpResponse, secrets: frozenset[str]) -> list[str]:
    """What is wrong with an answer, whoever asked for whatever."""
    faults = []
    if response.status_code >= 500:
        faults.append(f"answered {response.status_code}")
    content = b"".join(response.streaming_content) if response.streaming else response.content
    text = content.decode("utf-8", "replace")
    head = "\n".join(f"{name}: {value}" for name, value in response.items()) + response.cookies.output()
    faults += [
        f"shows {secret!r}, which is somebody else's"
        for secret in sorted(secrets)
        if secret in text or secret in head
    ]
    faults += [f"tells {trace!r}" for trace in TRACEBACK if trace in text]
    if "X-Injected" in response.headers or "b=c" in response.cookies.output():
        faults.append("lets a line of its own into the headers")
    if (target := response.get("Location", "")) and not is_own(target):
        faults.append(f"sends away to {target}")
    if is_html(response):
        reader = _Markers()
        reader.feed(text)
        faults += [f"took what was typed for markup: {each}" for each in reader.found]
    return faults


def is_own(target: str) -> bool:
    """An address that a browser keeps on this host: it takes a backslash for a slash."""
    parts = urlsplit(target.replace("\\", "/"))
    return parts.netloc in {"", "testserver"} and parts.scheme in {"", "http", "https"}
