"""A passkey in software: what a browser and its device would make and sign."""

import json
import os
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from partners.models import Person

FLAG = AuthenticatorData.FLAG


@dataclass
class Passkey:
    """One key pair for one site. With `verifies` off the device asks for no finger, face or PIN."""

    origin: str = "https://testserver"
    site: str = "testserver"
    verifies: bool = True
    user: str = ""
    identity: bytes = field(default_factory=lambda: os.urandom(16))
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, challenge: str) -> str:
        """What registers it, as JSON."""
        public = ES256.from_cryptography_key(self.key.public_key())
        made = AttestedCredentialData.create(Aaguid.NONE, self.identity, public)
        data = AuthenticatorData.create(self._site(), self._flags() | FLAG.AT, 0, made)
        client = CollectedClientData.create(CollectedClientData.TYPE.CREATE, challenge, self.origin)
        parts = {"clientDataJSON": client, "attestationObject": AttestationObject.create("none", data, {})}
        return self._written(parts)

    def get(self, challenge: str) -> str:
        """What signs in with it, as JSON."""
        data = AuthenticatorData.create(self._site(), self._flags(), 1)
        client = CollectedClientData.create(CollectedClientData.TYPE.GET, challenge, self.origin)
        signature = self.key.sign(data + client.hash, ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._written(parts | {"userHandle": self.user.encode()})

    def _site(self) -> bytes:
        return sha256(self.site.encode()).digest()

    def _flags(self) -> FLAG:
        return FLAG.UP | (FLAG.UV if self.verifies else FLAG(0))

    def _written(self, parts: dict[str, bytes]) -> str:
        identity = websafe_encode(self.identity)
        response = {name: websafe_encode(part) for name, part in parts.items()}
        return json.dumps(
            {
                "id": identity,
                "rawId": identity,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )


def handle_of(person: Person) -> str:
    """What a passkey knows its owner by."""
    return user_pk_to_url_str(person.user)


def with_passkey(person: Person, name: str = "Work laptop", **how: Any) -> Passkey:
    """They have registered one."""
    made = Passkey(user=handle_of(person), **how)
    credential = json.loads(made.create("AAAA"))
    Authenticator.objects.create(user=person.user, type="webauthn", data={"name": name, "credential": credential})
    return made
