"""A private authority and certificates as a public one would issue them."""

import subprocess

EXTENSIONS = """
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost
crlDistributionPoints = URI:http://127.0.0.1:9/ca.crl
"""

KEYS = {
    "ecdsa": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
}


def openssl(folder, *arguments):
    """Runs one command of OpenSSL."""
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_key(folder, name, kind):
    """A private key that only its owner reads."""
    openssl(folder, "genpkey", *KEYS[kind], "-out", f"{name}.key")
    (folder / f"{name}.key").chmod(0o600)


def make(folder):
    """Writes ca.pem, and ecdsa and rsa with .pem and .key, valid for 90 days."""
    make_key(folder, "ca", "ecdsa")
    openssl(folder, "req", "-x509", "-new", "-key", "ca.key", "-sha256", "-days", "90",
            "-subj", "/CN=Audit CA", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            "-out", "ca.pem")
    (folder / "leaf.ext").write_text(EXTENSIONS)
    for kind in KEYS:
        make_key(folder, kind, kind)
        openssl(folder, "req", "-new", "-key", f"{kind}.key", "-subj", "/CN=localhost",
                "-out", f"{kind}.csr")
        openssl(folder, "x509", "-req", "-in", f"{kind}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-sha256", "-days", "90", "-extfile", "leaf.ext",
                "-out", f"{kind}.pem")
