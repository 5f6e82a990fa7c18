"""A certificate authority of the tests' own."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """Makes certificates that only those trust who know of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
        ca = x509.BasicConstraints(ca=True, path_length=None)
        self._own = self._sign(self._name, self._key, ca)

    @property
    def certificate(self) -> Path:
        """A PEM file with its own certificate, for those who are to trust it."""
        file = self._folder / "ca.pem"
        file.write_bytes(self._own)
        return file

    def trusted(self) -> ssl.SSLContext:
        """For clients: trusts its certificates and no others."""
        context = ssl.create_default_context()
        context.load_verify_locations(cadata=self._own.decode())
        return context

    def issued(self, name: str) -> Path:
        """A PEM file with a key and a certificate for a host name or an IP address."""
        key = ec.generate_private_key(ec.SECP256R1())
        file = self._folder / f"{name}.pem"
        names = x509.SubjectAlternativeName([_general_name(name)])
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        file.write_bytes(private + self._sign(subject, key, names))
        return file

    def serving(self, name: str, *, clients_too: bool = False) -> ssl.SSLContext:
        """For servers: a certificate for a name; clients may need one of this authority as well."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.issued(name))
        if clients_too:
            context.load_verify_locations(cadata=self._own.decode())
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
    ) -> bytes:
        today = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - timedelta(days=1))
            .not_valid_after(today + timedelta(days=1))
            .add_extension(extension, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
