#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make.py - make the certificates of this folder anew, with openssl(1)

usage: make.py DIRECTORY

Each line of CERTIFICATES is one: its name, its issuer, its key, what it is called, from when to when, the digest of its
signature, and its extensions. NAME.pem is the certificate; keys of authorities are thrown away, those that tests read
are kept as NAME.key. The files *.json beside them are what Go 1.26 makes of the same certificates (crypto/x509 and
encoding/json, as OPA does it), and are not made here.
"""

import pathlib
import subprocess
import sys
import tempfile

ALWAYS = ("20200101000000Z", "20491231235959Z")
PAST = ("20000101000000Z", "20010101000000Z")
CA = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign", "subjectKeyIdentifier=hash",
      "authorityKeyIdentifier=keyid"]
LEAF = ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature", "extendedKeyUsage=serverAuth"]


def ca(*more: str) -> list[str]:
    return CA + list(more)


def limited(length: int) -> list[str]:
    return [f"basicConstraints=critical,CA:TRUE,pathlen:{length}"] + CA[1:]


def leaf(names: str, *more: str) -> list[str]:
    return LEAF + [f"subjectAltName={names}"] + list(more)


CERTIFICATES = [
    # name, issuer, key, subject, validity, digest, extensions
    ("root", "root", "P-256", "/O=Test/CN=Root", ALWAYS, "sha256", CA),
    ("inter", "root", "P-256", "/O=Test/CN=Inter", ALWAYS, "sha256", limited(0)),
    ("leaf", "inter", "P-256", "/CN=leaf", ALWAYS, "sha256",
     leaf("DNS:a.example.com,DNS:*.b.example.com,IP:10.0.0.1,IP:fd00::1,URI:spiffe://example.com/x,"
          "email:me@example.com")),
    ("direct", "root", "P-256", "/CN=direct", ALWAYS, "sha256", leaf("DNS:a.example.com")),
    ("expired", "inter", "P-256", "/CN=expired", PAST, "sha256", leaf("DNS:a.example.com")),
    ("client", "inter", "P-256", "/CN=client", ALWAYS, "sha256",
     LEAF[:2] + ["extendedKeyUsage=clientAuth,1.2.3.4", "subjectAltName=DNS:a.example.com"]),
    ("critical", "inter", "P-256", "/CN=critical", ALWAYS, "sha256",
     leaf("DNS:a.example.com", "1.2.3.4=critical,ASN1:UTF8String:x")),
    # somebody else who calls himself the same
    ("impostor", "impostor", "P-256", "/O=Test/CN=Root", ALWAYS, "sha256", CA),
    ("forged", "impostor", "P-256", "/CN=forged", ALWAYS, "sha256", leaf("DNS:a.example.com")),
    # who may not sign
    ("noca", "root", "P-256", "/CN=No CA", ALWAYS, "sha256", leaf("DNS:a.example.com")),
    ("under-noca", "noca", "P-256", "/CN=x", ALWAYS, "sha256", leaf("DNS:a.example.com")),
    ("nosign", "root", "P-256", "/CN=No sign", ALWAYS, "sha256",
     ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,digitalSignature"]),
    ("under-nosign", "nosign", "P-256", "/CN=x", ALWAYS, "sha256", leaf("DNS:a.example.com")),
    ("nobasic", "root", "P-256", "/CN=No basic", ALWAYS, "sha256", ["keyUsage=critical,keyCertSign"]),
    ("under-nobasic", "nobasic", "P-256", "/CN=x", ALWAYS, "sha256", leaf("DNS:a.example.com")),
    ("old-inter", "root", "P-256", "/CN=Old", PAST, "sha256", CA),
    ("under-old", "old-inter", "P-256", "/CN=x", ALWAYS, "sha256", leaf("DNS:a.example.com")),
    # the intermediate allows no other authority below it
    ("deep", "inter", "P-256", "/CN=Deep", ALWAYS, "sha256", CA),
    ("under-deep", "deep", "P-256", "/CN=x", ALWAYS, "sha256", leaf("DNS:a.example.com")),
    # constraints of names
    ("bound", "root", "P-256", "/CN=Bound", ALWAYS, "sha256",
     ca("nameConstraints=critical,permitted;DNS:example.com,permitted;email:example.com,"
        "permitted;IP:10.0.0.0/255.0.0.0,permitted;URI:example.com,"
        "excluded;DNS:secret.example.com,excluded;IP:10.9.0.0/255.255.0.0")),
    ("bound-good", "bound", "P-256", "/CN=x", ALWAYS, "sha256",
     leaf("DNS:a.example.com,IP:10.0.0.1,URI:https://example.com/x,email:me@example.com")),
    ("bound-dns", "bound", "P-256", "/CN=x", ALWAYS, "sha256", leaf("DNS:example.org")),
    ("bound-suffix", "bound", "P-256", "/CN=x", ALWAYS, "sha256", leaf("DNS:badexample.com")),
    ("bound-secret", "bound", "P-256", "/CN=x", ALWAYS, "sha256", leaf("DNS:A.Secret.Example.com")),
    ("bound-star", "bound", "P-256", "/CN=x", ALWAYS, "sha256", leaf("DNS:*.example.com")),
    ("bound-ip", "bound", "P-256", "/CN=x", ALWAYS, "sha256", leaf("DNS:a.example.com,IP:11.0.0.1")),
    ("bound-ip-out", "bound", "P-256", "/CN=x", ALWAYS, "sha256", leaf("IP:10.9.1.1")),
    ("bound-uri", "bound", "P-256", "/CN=x", ALWAYS, "sha256", leaf("URI:https://example.com@evil.org/")),
    ("bound-uri-ip", "bound", "P-256", "/CN=x", ALWAYS, "sha256", leaf("URI:https://10.0.0.1/")),
    ("bound-mail", "bound", "P-256", "/CN=x", ALWAYS, "sha256", leaf("email:me@example.org")),
    ("bound-inter", "bound", "P-256", "/CN=Bound inter", ALWAYS, "sha256", ca("subjectAltName=DNS:example.org")),
    ("under-bound-inter", "bound-inter", "P-256", "/CN=x", ALWAYS, "sha256", leaf("DNS:a.example.com")),
    ("odd", "root", "P-256", "/CN=Odd", ALWAYS, "sha256", ca("nameConstraints=critical,permitted;dirName:who")),
    ("under-odd", "odd", "P-256", "/CN=x", ALWAYS, "sha256", leaf("DNS:a.example.com")),
    # policies that have to hold are not followed
    ("strict", "root", "P-256", "/CN=Strict", ALWAYS, "sha256",
     ca("policyConstraints=requireExplicitPolicy:0", "certificatePolicies=1.2.3.4")),
    ("under-strict", "strict", "P-256", "/CN=x", ALWAYS, "sha256", leaf("DNS:a.example.com")),
    # other algorithms
    ("rsa", "rsa", "RSA", "/CN=RSA", ALWAYS, "sha256",
     ca("certificatePolicies=1.2.3.4,2.5.29.32.0", "crlDistributionPoints=URI:http://crl.example.com/x",
        "authorityInfoAccess=OCSP;URI:http://ocsp.example.com,caIssuers;URI:http://ca.example.com",
        "policyConstraints=requireExplicitPolicy:3,inhibitPolicyMapping:0", "inhibitAnyPolicy=2",
        "policyMappings=1.2.3.4:1.2.3.5")),
    ("under-rsa", "rsa", "RSA", "/C=DE/ST=B/L=Ort/street=Weg 1/postalCode=1/O=A & B/OU=c/OU=d/serialNumber=7/CN=x",
     ALWAYS, "sha384", leaf("DNS:a.example.com,URI:HTTPS://u:p@Example.com:80/a%2Fb?q\\#f,URI:mailto:a@b,URI:/x?")),
    ("under-rsa-sha1", "rsa", "RSA", "/CN=x", ALWAYS, "sha1", leaf("DNS:a.example.com")),
    ("under-rsa-pss", "rsa", "RSA", "/CN=x", ALWAYS, "pss", leaf("DNS:a.example.com")),
    ("ed25519", "ed25519", "ED25519", "/CN=Ed", ALWAYS, "", CA),
    ("under-ed25519", "ed25519", "ED25519", "/CN=x", ALWAYS, "", leaf("DNS:a.example.com")),
    ("p384", "p384", "P-384", "/CN=P-384", ALWAYS, "sha384", CA),
    ("under-p384", "p384", "P-521", "/CN=x", ALWAYS, "sha256", leaf("DNS:a.example.com")),
]
KEPT = ["leaf", "under-rsa", "under-ed25519"]


def run(*words: str, **options) -> str:
    return subprocess.run(["openssl", *words], check=True, capture_output=True, text=True, **options).stdout


def make_key(kind: str, path: pathlib.Path) -> None:
    if kind == "RSA":
        run("genrsa", "-out", str(path), "2048")
    elif kind == "ED25519":
        run("genpkey", "-algorithm", kind, "-out", str(path))
    else:
        run("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{kind}", "-out", str(path))


def make(folder: pathlib.Path, row: tuple) -> None:
    name, issuer, kind, subject, (begin, end), digest, extensions = row
    key = folder / f"{name}.key"
    make_key(kind, key)
    (folder / "index.txt").write_text("")
    (folder / "ca.cnf").write_text(f"""[ca]
default_ca = x
[x]
database = {folder}/index.txt
new_certs_dir = {folder}
unique_subject = no
rand_serial = yes
policy = any
default_md = {"default" if not digest else "sha256" if digest == "pss" else digest}
x509_extensions = e
copy_extensions = none
preserve = yes
email_in_dn = no
[any]
[e]
""" + "\n".join(extensions) + "\n[who]\nCN = somebody\n[req]\ndistinguished_name = dn\n[dn]\n")
    run("req", "-new", "-utf8", "-key", str(key), "-subj", subject, "-out", str(folder / "q.csr"), "-config",
        str(folder / "ca.cnf"))
    words = ["ca", "-batch", "-notext", "-preserveDN", "-config", str(folder / "ca.cnf"), "-in", str(folder / "q.csr"),
             "-out", str(folder / f"{name}.pem"), "-startdate", begin, "-enddate", end, "-keyfile",
             str(folder / f"{issuer}.key")]
    if digest == "pss":
        words += ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]
    run(*words, *(["-selfsign"] if issuer == name else ["-cert", str(folder / f"{issuer}.pem")]))


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    target = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for row in CERTIFICATES:
            make(folder, row)
            (target / f"{row[0]}.pem").write_text((folder / f"{row[0]}.pem").read_text())
        for kept in KEPT:
            (target / f"{kept}.key").write_text((folder / f"{kept}.key").read_text())
        key = str(folder / "leaf.key")
        run("ec", "-in", key, "-out", str(target / "sec1.key"))
        run("rsa", "-traditional", "-in", str(folder / "under-rsa.key"), "-out", str(target / "pkcs1.key"))
        for csr, extension in (("request", "subjectAltName=DNS:a.example.com"),
                               ("request-critical", "subjectAltName=critical,DNS:a.example.com")):
            run("req", "-new", "-key", key, "-subj", "/O=Test/CN=asks", "-addext", extension, "-out",
                str(target / f"{csr}.csr"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
