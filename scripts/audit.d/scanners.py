"""Each scanner: how it is run, and what of its report counts."""

import dataclasses
import json
import os
import re
import subprocess
import xml.etree.ElementTree

# What testssl.sh minds and has nothing to do with the server, by the finding's id. Its trust in the
# authority of the run is given to it, so that the chain counts like any other finding.
NOT_MARTLETS = {
    "engine_problem": "about the scanner's own OpenSSL, which has no GOST to offer",
}


@dataclasses.dataclass
class Result:
    """What came of one scanner."""

    version: str
    summary: str
    findings: list
    excluded: list = dataclasses.field(default_factory=list)


def run(command, report, minutes=10):
    """Everything that a scanner prints, which is kept beside the reports too."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", timeout=60 * minutes, check=False)
    report.write_text(done.stdout)
    return done


def testssl(port, authority, folder):
    """testssl.sh: every test, of severity LOW and worse."""
    report = folder / "testssl.json"
    report.unlink(missing_ok=True)
    done = run(
        ["testssl", "--quiet", "--color", "0", "--warnings", "off", "--severity", "LOW",
         "--full", "--nodns", "min", "--ip", "127.0.0.1", "--add-ca", str(authority),
         "--jsonfile", str(report), f"localhost:{port}"], folder / "testssl.txt", minutes=60)
    version = subprocess.run(
        ["testssl", "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"testssl\S* +(\d\S*)", re.sub(r"\x1b\[[0-9;]*m", "", version))
    findings, excluded = [], []
    entries = json.loads(report.read_text()) if report.exists() else None
    if entries is None or "Done" not in done.stdout:
        findings.append(f"no whole report: {done.stdout[-500:]}")
    for entry in entries or []:
        if entry["severity"] in ("OK", "INFO", "DEBUG"):
            continue
        text = f"{entry['severity']} {entry['id']}: {entry['finding']}"
        reason = NOT_MARTLETS.get(entry["id"])
        if reason:
            excluded.append((text, reason))
        else:
            findings.append(text)
    return Result(f"testssl.sh {version.group(1) if version else '?'}",
                  f"{len(findings) or 'nothing'} of severity low or worse", findings, excluded)


def sslscan(port, _authority, folder):
    """sslscan: versions, suites, groups, keys and the old attacks."""
    report = folder / "sslscan.xml"
    report.unlink(missing_ok=True)
    run(["sslscan", "--no-colour", "--show-sigs", "--sni-name=localhost", f"--xml={report}",
         f"127.0.0.1:{port}"], folder / "sslscan.txt")
    document = xml.etree.ElementTree.parse(report).getroot()
    test = document.find("ssltest")
    findings = []

    def mind(wrong, text):
        if wrong:
            findings.append(text)

    for protocol in test.findall("protocol"):
        name = f"{protocol.get('type').upper()}v{protocol.get('version')}"
        wanted = name in ("TLSv1.2", "TLSv1.3")
        mind((protocol.get("enabled") == "1") != wanted, f"{name} is on or off, but should not be")
    ciphers = test.findall("cipher")
    mind(not ciphers, "no suites")
    for cipher in ciphers:
        mind(cipher.get("strength") not in ("strong", "acceptable"),
             f"{cipher.get('sslversion')} {cipher.get('cipher')} is {cipher.get('strength')}")
        mind(not re.search(r"GCM|CHACHA20", cipher.get("cipher")),
             f"{cipher.get('cipher')} is no authenticated encryption")
    for group in test.findall("group"):
        mind(int(group.get("bits")) < 112, f"the group {group.get('name')}")
    for scheme in test.findall("connection-signature-algorithm"):
        mind(re.search(r"sha1|md5|any", scheme.get("name", ""), re.I),
             f"the signature {scheme.get('name')}")
    for heartbleed in test.findall("heartbleed"):
        mind(heartbleed.get("vulnerable") != "0", "heartbleed")
    for compression in test.findall("compression"):
        mind(compression.get("supported") != "0", "compression")
    for renegotiation in test.findall("renegotiation"):
        # None at all, which it reports as neither supported nor secure, is the best there is.
        mind(renegotiation.get("supported") != "0" and renegotiation.get("secure") != "1",
             "renegotiation is not secure")
    for fallback in test.findall("fallback"):
        mind(fallback.get("supported") != "1", "no TLS_FALLBACK_SCSV")
    for key in test.findall("certificates/certificate/pk"):
        mind(key.get("error") != "false", f"the key {key.get('type')} {key.get('bits')}")
    return Result(f"sslscan {document.get('version')}",
                  f"{len(ciphers)} suites, {len(findings) or 'nothing'} to mind", findings)


def sslyze(port, authority, folder):
    """sslyze: all its commands, and Mozilla's profile."""
    tool = folder / "venv" / "bin" / "sslyze"
    done = run(
        [tool, "--mozilla_config=intermediate", f"--certinfo_ca_file={authority}",
         "--certinfo", "--compression", "--heartbleed", "--http_headers", "--openssl_ccs",
         "--fallback", "--reneg", "--robot", "--resum", "--early_data", "--elliptic_curves",
         f"localhost:{port}{{127.0.0.1}}"], folder / "sslyze.txt")
    version = subprocess.run(
        [folder / "venv" / "bin" / "pip", "list", "--format=json"], capture_output=True,
        text=True, check=False, env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}).stdout
    version = next(item["version"] for item in json.loads(version) if item["name"] == "sslyze")
    findings = []
    if not re.search(r"OK - Compliant", done.stdout):
        parts = re.findall(r"FAILED[^\n]*|^\s+\* \w+: [^\n]*issue[^\n]*", done.stdout, re.M)
        tail = done.stdout.split("COMPLIANCE AGAINST")[-1].strip()
        findings.append(f"not compliant: {' '.join(parts) or tail}")
    for line in re.findall(r"^.*(?:VULNERABLE -|WARNING -|Error when running).*$", done.stdout,
                           re.M):
        findings.append(line.strip())
    return Result(f"sslyze {version}", "compliant with Mozilla's 'intermediate'"
                  if not findings else "see .build/audit/sslyze.txt", findings)


ALL = {"sslscan": sslscan, "sslyze": sslyze, "testssl": testssl}
