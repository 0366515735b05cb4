"""Who may take part in a cluster: whoever holds its certificate.

Scheduler, workers and coordinator trust each other wholly, for Dask unpickles what they send. TLS keeps everybody else
out, on one machine, too: others who are logged in there can open its ports.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from distributed.comm.addressing import parse_address, parse_host_port
from distributed.security import Security

from grader.errors import UsageError
from grader.report.write import write_bytes

CA, CERTIFICATE, KEY, CONFIG = "ca.pem", "certificate.pem", "key.pem", "dask.yaml"
DAYS = 400
# With DASK_CONFIG=FOLDER, Dask's own commands and launchers use the certificate, and show no page.
_CONFIG = """distributed:
  comm:
    default-scheme: tls
    require-encryption: true
    tls:
      ca-file: {ca}
      scheduler: &pair
        cert: {certificate}
        key: {key}
      worker: *pair
      client: *pair
  scheduler:
    reuse-broadcast-comm: true
    http:
      routes: []
  worker:
    http:
      routes: []
"""


def make_certificates(folder: Path) -> None:
    """Write a certificate for all of a cluster, its key and Dask's configuration. Raises `UsageError`.

    The authority that signs it is forgotten: another certificate means another cluster.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    if (folder / KEY).exists():
        raise UsageError(f"{folder / KEY} is there already: a new one would shut out those who have it")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = datetime.now(UTC)
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer, subject = (
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("grader", "grader cluster")
    )

    def signed(subject: x509.Name, of: ec.EllipticCurvePrivateKey, *, is_authority: bool) -> bytes:
        builder = x509.CertificateBuilder(
            issuer, subject, of.public_key(), x509.random_serial_number(), now, now + timedelta(days=DAYS)
        ).add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        return builder.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    place = folder.resolve()
    config = _CONFIG.format(ca=place / CA, certificate=place / CERTIFICATE, key=place / KEY)
    write_bytes(folder / CA, signed(issuer, authority, is_authority=True))
    write_bytes(folder / CERTIFICATE, signed(subject, key, is_authority=False))
    write_bytes(folder / CONFIG, config.encode())
    write_bytes(folder / KEY, private, mode=0o600)


def security(address: str, certificates: Path | None, *, insecure: bool) -> Security:
    """How to talk to a scheduler at this address. Raises `UsageError`."""
    scheme = address.partition("://")[0]
    try:
        parse_host_port(parse_address(address)[1])
    except ValueError:
        scheme = ""  # it has no port
    if scheme == "tcp" and insecure:
        return Security(require_encryption=False)
    if scheme == "tcp":
        raise UsageError(
            f"{address}: over tcp everybody who reaches the port can read all submissions and run code as you. Use "
            "tls://… with certificates (`grader cluster certificates FOLDER`), or say --insecure"
        )
    if scheme != "tls":
        raise UsageError(f"{address!r} is no scheduler's address: tls://host:port is one")
    if insecure:
        raise UsageError("--insecure is for tcp://…; with tls:// it has no meaning")
    if certificates is None:
        raise UsageError("tls://… needs --certificates FOLDER; `grader cluster certificates FOLDER` makes them")
    files = [certificates / name for name in (CA, CERTIFICATE, KEY)]
    for path in files:
        if not os.access(path, os.R_OK):
            raise UsageError(f"{path} cannot be read; `grader cluster certificates FOLDER` makes it")
    if (certificates / KEY).stat().st_mode & 0o077:
        raise UsageError(f"{certificates / KEY} can be read by others: make another one, or `chmod 600` it if none did")
    pair = {"cert": str(certificates / CERTIFICATE), "key": str(certificates / KEY)}
    roles = {f"tls_{role}_{what}": path for role in ("scheduler", "worker", "client") for what, path in pair.items()}
    return Security(require_encryption=True, tls_ca_file=str(certificates / CA), **roles)
