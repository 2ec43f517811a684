"""The certificate by which the local edge is the deployed one to who trusts it: made anew for each cloud."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAMES: Final = ("*.cloudfront.net", "localhost")
_LIFE: Final = timedelta(days=2)


class Certificate:
    """A certificate of its own authority, and its key, as files in `folder`.

    Attributes
    ----------
    trusted : Path
        What a client must trust (PEM).
    """

    def __init__(self, folder: Path) -> None:
        self.trusted = folder / "edge.pem"
        self._key = folder / "edge.key"
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the local edge")])
        now = datetime.now(UTC)
        public = key.public_key()
        usage = dict.fromkeys(
            (
                *("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
                *("crl_sign", "encipher_only", "decipher_only"),
            ),
            False,
        )
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + _LIFE)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in NAMES]), False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
            .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=True, **usage), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), False)
            .sign(key, hashes.SHA256())
        )
        self.trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        self._key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self._key.chmod(0o600)

    def server(self) -> ssl.SSLContext:
        """Return the context of a server that shows it."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.trusted, self._key)
        return context
