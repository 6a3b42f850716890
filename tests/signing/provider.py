"""An organisation's sign-in that says whatever a test has it say, over HTTP on this machine."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from academy.lib import sealed
from partners.models import Provider
from tests.factories import AgencyFactory

CLIENT = "academy"
KEY, STRANGERS_KEY = (rsa.generate_private_key(65537, 2048) for _ in range(2))


class Organisation:
    """Its server, and what the next token says; None leaves a claim out."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.configuration: dict[str, Any] = {}
        self.key: Any = KEY
        self.algorithm = "RS256"
        self.header = {"kid": "one"}
        self.token_answer: Any = None
        self.instead: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}  # what it does where it does not answer
        self.asked: list[dict[str, str]] = []  # what was sent in exchange for a token

    def answer(self, path: str, sent: dict[str, str]) -> Any:
        if path == "/.well-known/openid-configuration":
            ends = {name: f"{self.issuer}/{name}" for name in ("authorize", "token", "keys", "userinfo")}
            return {
                "issuer": self.issuer,
                "authorization_endpoint": ends["authorize"],
                "token_endpoint": ends["token"],
                "jwks_uri": ends["keys"],
                "userinfo_endpoint": ends["userinfo"],
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            } | self.configuration
        if path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            return {"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]}
        if path == "/userinfo":
            return self.userinfo
        self.asked.append(sent)
        return self.token_answer or {"access_token": "a", "id_token": self.token(), "expires_in": "soon"}

    def token(self) -> str:
        at = int(time.time())
        usual = {"iss": self.issuer, "aud": CLIENT, "sub": "s-1", "iat": at, "exp": at + 300}
        claims = {name: value for name, value in (usual | self.claims).items() if value is not None}
        return jwt.encode(claims, self.key, self.algorithm, self.header)


@contextmanager
def organisation() -> Iterator[Organisation]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
            path = urlsplit(self.path).path
            if path in said_by.instead:
                with suppress(OSError):  # whoever asked has hung up
                    said_by.instead[path](self)
                return
            said = said_by.answer(path, sent)
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    said_by = Organisation(f"http://127.0.0.1:{server.server_port}")
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield said_by
    server.shutdown()
    server.server_close()


def provider_at(issuer: str, **facts: Any) -> Provider:
    """It is set up here."""
    usual = {"key": "larkshire", "name": "Larkshire Council", "client_id": CLIENT, "domains": ["larkshire.example"]}
    facts = usual | facts
    return Provider.objects.create(
        agency=facts.pop("agency", None) or AgencyFactory(), issuer=issuer, sealed_secret=sealed.seal("s3cret"), **facts
    )


def go(browser: Client, organisation: Organisation, address: str = "/sign-in/with/larkshire/"):
    """Off to the organisation and back. Returns the answer to coming back."""
    away = browser.get(address)
    assert away["Location"].startswith(organisation.issuer), away["Location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away["Location"]).query).items()}
    organisation.claims = {"nonce": asked["nonce"]} | organisation.claims
    organisation.last = asked
    answer = browser.get("/sign-in/with/larkshire/back/", {"code": "c", "state": asked["state"]})
    organisation.claims.pop("nonce", None)
    return answer
