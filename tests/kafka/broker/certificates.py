"""Certificates of the secure listeners, made with openssl, all as PEM: Kafka and librdkafka both read it.

ca.pem                      signs the server and the client
server.keystore.pem         the brokers' key and certificate, for 127.0.0.1 and localhost
client.pem, client.key      a client that the listener with mutual TLS accepts
stranger*.pem, stranger.key the same from another authority: what must be refused
*.keystore.pem              key and certificate in one file, as Java clients want them
"""
import shutil
import subprocess

from problem import Problem, Unavailable

DAYS = "3650"


def make(folder):
    folder.mkdir(parents=True, exist_ok=True)
    authority(folder, "ca")
    signed(folder, "server", "ca", "subjectAltName=IP:127.0.0.1,DNS:localhost")
    signed(folder, "client", "ca", "extendedKeyUsage=clientAuth")
    authority(folder, "stranger_ca")
    signed(folder, "stranger", "stranger_ca", "extendedKeyUsage=clientAuth")


def files(folder):
    """The names under which broker.json gives them to tests."""
    return {name: str(folder / file) for name, file in {
        "ca": "ca.pem",
        "client_certificate": "client.pem", "client_key": "client.key", "client_keystore": "client.keystore.pem",
        "stranger_ca": "stranger_ca.pem", "stranger_certificate": "stranger.pem", "stranger_key": "stranger.key",
        "stranger_keystore": "stranger.keystore.pem"}.items()}


def authority(folder, name):
    openssl(folder, name, "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign")


def signed(folder, name, by, extension):
    openssl(folder, name, "-CA", f"{by}.pem", "-CAkey", f"{by}.key", "-addext", "basicConstraints=CA:FALSE",
            "-addext", extension)
    keystore = folder / f"{name}.keystore.pem"
    keystore.write_text((folder / f"{name}.key").read_text() + (folder / f"{name}.pem").read_text())
    keystore.chmod(0o600)


def openssl(folder, name, *options):
    program = shutil.which("openssl")
    if not program:
        raise Unavailable("openssl is not there: install the Debian package openssl")
    command = [program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc",
               "-days", DAYS, "-subj", f"/O=Slipstream tests/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem",
               *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise Problem(f"openssl cannot make {folder}/{name}.pem: {done.stderr.strip().splitlines()[-1:]}")
