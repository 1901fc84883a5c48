"""The control plane's certificates and keys, made anew for each world and thrown away with it."""

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = dt.timedelta(days=7)
# The second is the first address of the service range, where pods look for the API server.
SERVED_AT = ("127.0.0.1", "10.0.0.1")


AUTHORITY = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "emrjobs-sandbox")])


@dataclass(frozen=True, slots=True)
class Pki:
    """Files in PEM: who vouches for the API server, how it serves, how it signs service account tokens."""

    ca: Path
    ca_key: Path
    serving_certificate: Path
    serving_key: Path
    service_account_key: Path


def write_pki(folder: Path) -> Pki:
    """Make an authority, a serving certificate for loopback, and a key for service account tokens."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ("ca.crt", "ca.key", "api.crt", "api.key", "service-accounts.key")
    files = Pki(*(folder / name for name in names))
    ca_key = _key()
    ca = _certificate(AUTHORITY, AUTHORITY, ca_key, ca_key)
    ca = ca.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    _write_certificate(files.ca, ca.sign(ca_key, hashes.SHA256()))
    _write_key(files.ca_key, ca_key)
    _write_key(files.service_account_key, _key())
    renew_serving(files)
    return files


def renew_serving(files: Pki) -> None:
    """Make a new key and certificate for serving, vouched for by the same authority."""
    ca_key = serialization.load_pem_private_key(files.ca_key.read_bytes(), password=None)
    if not isinstance(ca_key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{files.ca_key} holds another kind of key")
    serving_key = _key()
    serving = _certificate(_name("kube-apiserver"), AUTHORITY, serving_key, ca_key)
    serving = serving.add_extension(
        x509.SubjectAlternativeName([x509.DNSName("localhost"), *map(_address, SERVED_AT)]),
        critical=False,
    ).add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    _write_certificate(files.serving_certificate, serving.sign(ca_key, hashes.SHA256()))
    _write_key(files.serving_key, serving_key)


def _address(text: str) -> x509.IPAddress:
    return x509.IPAddress(ipaddress.IPv4Address(text))


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    # Python 3.13 and newer refuse chains without key identifiers.
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    vouched = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    builder = builder.add_extension(vouched, critical=False)
    ca = issuer == subject
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = builder.add_extension(usage, critical=True)
    return builder.not_valid_before(now - dt.timedelta(minutes=5)).not_valid_after(now + LIFETIME)


def _write_certificate(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
