"""An authenticator and the browser before it, in software: what a test says wrong, it says wrong."""

import base64
import hashlib
import json
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.webauthn import Aaguid, AttestedCredentialData

PRESENT = 0x01


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Authenticator:
    """One passkey. `count` rises with each use; 0 for good where `counts` is False."""

    def __init__(self, origin: str, identity: bytes = b"credential-1", *, counts: bool = True) -> None:
        self.origin = origin
        self.identity = identity
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.count = 0
        self.counts = counts

    def create(self, options, *, key=None, kind="webauthn.create", flags=PRESENT, rp_id=None, origin=None) -> str:
        asked = options["create"]
        public = key or ES256.from_cryptography_key(self.key.public_key())
        made = AttestedCredentialData.create(Aaguid(bytes(16)), self.identity, public)
        data = self._data(rp_id or asked["rp"]["id"], flags | 0x40, self.count) + made
        return self._answer(
            clientDataJSON=self._client_data(kind, asked["challenge"], origin),
            attestationObject=b64(cbor.encode({"fmt": "none", "authData": data, "attStmt": {}})),
            transports=["usb"],
        )

    def get(
        self, options, *, kind="webauthn.get", flags=PRESENT, rp_id=None, origin=None, spoil=False, **client
    ) -> str:
        asked = options["get"]
        self.count += self.counts
        data = self._data(rp_id or asked["rpId"], flags, self.count)
        client_data = self._client_data(kind, asked["challenge"], origin, **client)
        signed = data + hashlib.sha256(base64.urlsafe_b64decode(client_data + "==")).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        if spoil:
            data = self._data(rp_id or asked["rpId"], flags, self.count + 1)
        return self._answer(clientDataJSON=client_data, authenticatorData=b64(data), signature=b64(signature))

    def _data(self, rp_id: str, flags: int, count: int) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + struct.pack(">BI", flags, count)

    def _client_data(self, kind, challenge, origin, **more) -> str:
        said = {"type": kind, "challenge": challenge, "origin": origin or self.origin, "crossOrigin": False, **more}
        return b64(json.dumps(said).encode())

    def _answer(self, **response) -> str:
        return json.dumps(
            {"id": b64(self.identity), "rawId": b64(self.identity), "type": "public-key", "response": response}
        )
