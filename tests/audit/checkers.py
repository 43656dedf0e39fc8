"""The independent checkers, which return plain numbers and findings.

Nu HTML checker and Lighthouse come from npm by exact version (package-lock.json beside this file);
axe is injected into Chromium, where bytes, requests, policy violations and console are read too.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser

from tests import chromium

HERE = Path(__file__).resolve().parent
# Fetched when it runs, so that tests need not install it.
PIP_AUDIT = "pip-audit==2.10.1"
MODULES = HERE / "node_modules"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What axe only asks to review ("incomplete"), and the result. Any other is a finding.
REVIEWED = {
    ("color-contrast", "forced"): "the reader's own colors, which axe cannot read",
    ("color-contrast-enhanced", "forced"): "the reader's own colors, which axe cannot read",
    ("link-in-text-block", ""): "links with a symbol beside them, such as an arrow",
    ("label-content-name-mismatch", ""): "symbols, such as # and an arrow, are named by their role",
    ("identical-links-same-purpose", ""): "links of one name lead to one place",
}
_WATCH = """addEventListener('securitypolicyviolation', event =>
  (window.violations ??= []).push(`${event.effectiveDirective} ${event.blockedURI}`))"""

_BLOCKING = """performance.getEntriesByType('resource')
  .filter(resource => resource.renderBlockingStatus == 'blocking').length"""


@dataclass
class Findings:
    """What was found on one page: all bytes on the wire, those of them that the theme decides
    (without headers, which are the host's, and the author's pictures), requests that the first
    paint waits for, and lists with a sentence for each finding."""

    bytes: int = 0
    own: int = 0
    requests: int = 0
    scores: dict = field(default_factory=dict)
    cls: float | None = None
    axe: list[str] = field(default_factory=list)
    nu: list[str] = field(default_factory=list)
    csp: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    wide: list[str] = field(default_factory=list)
    lighthouse: list[str] = field(default_factory=list)


def check_markup(pages: dict[str, Findings], site: str):
    """Run the Nu HTML checker on pages (path → findings) and the CSS inside them."""
    jar = MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
    addresses = [f"{site}/{path}" for path in pages]
    local = "-Dnu.validator.servlet.allow-forbidden-hosts=true"  # 127.0.0.1 is one
    done = subprocess.run(
        ["java", local, "-jar", jar, "--format", "json", "--stdout", *addresses],
        capture_output=True,
        text=True,
    )
    for message in json.loads(done.stdout)["messages"]:
        kind = message.get("subType", message["type"])
        if kind != "info":
            path = message["url"].removeprefix(f"{site}/")
            line = message.get("lastLine", "?")
            pages[path].nu.append(f"{kind}, line {line}: {message['message']}")


def run_lighthouse(address: str, findings: Findings):
    """Run Lighthouse (phone, its own defaults) and add the scores and what lowered them."""
    done = subprocess.run(
        [
            "node",
            MODULES / "lighthouse" / "cli" / "index.js",
            address,
            "--output=json",
            "--quiet",
            "--no-enable-error-reporting",
            f"--chrome-flags={' '.join(['--headless=new', *chromium.arguments()])}",
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "CHROME_PATH": chromium.executable()},
    )
    if done.returncode:
        findings.lighthouse.append((done.stderr.strip() or "no answer").splitlines()[-1])
        return
    report = json.loads(done.stdout)
    for name in CATEGORIES:
        category = report["categories"][name]
        findings.scores[name] = round((category["score"] or 0) * 100)
        for reference in category["auditRefs"]:
            audit = report["audits"][reference["id"]]
            if reference["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                findings.lighthouse.append(f"{name}: {audit['title']} ({audit['id']})")
    findings.cls = round(report["audits"]["cumulative-layout-shift"]["numericValue"], 4)


def inspect(pages: dict[str, Findings], site: str):
    """Open every page of `pages` (path → findings) in Chromium and add what is found."""
    axe = (MODULES / "axe-core" / "axe.min.js").read_text("utf-8")
    with chromium.launched() as browser:
        for path, findings in pages.items():
            _weigh(browser, f"{site}/{path}", findings)
            for width in (320, 1280):
                for scheme in ("light", "dark", "forced"):
                    _inspect_page(browser, f"{site}/{path}", width, scheme, axe, findings)


def _weigh(browser: Browser, address: str, findings: Findings):
    page = browser.new_page(viewport={"width": 412, "height": 823})
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    headers: dict[str, float] = {}  # of all but pictures, whose bytes are the author's
    sizes: dict[str, float] = {}

    def note(event):
        if event["type"] != "Image":
            headers[event["requestId"]] = event["response"]["encodedDataLength"]

    wire.on("Network.responseReceived", note)
    wire.on(
        "Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]})
    )
    page.goto(address, wait_until="networkidle")
    findings.bytes = int(sum(sizes.values()))
    findings.own = int(sum(sizes[key] - before for key, before in headers.items() if key in sizes))
    findings.requests = 1 + page.evaluate(_BLOCKING)
    page.close()


def _inspect_page(browser: Browser, address, width, scheme, axe, findings: Findings):
    page = browser.new_page(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        forced_colors="active" if scheme == "forced" else "none",
    )
    page.add_init_script(_WATCH)
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    answer = page.goto(address, wait_until="networkidle")
    where = f"{width} {scheme}"
    for text in messages:
        if "Content Security Policy" not in text and not (
            answer and answer.status == 404 and "404" in text
        ):
            findings.console.append(f"{where}: {text}")
    findings.csp += [f"{where}: {v}" for v in page.evaluate("window.violations ?? []")]
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if overflow > 0:
        findings.wide.append(f"{where}: {overflow} px too wide")
    page.evaluate(axe)
    result = page.evaluate(
        "tags => axe.run({runOnly: tags, resultTypes: ['violations', 'incomplete']})", AXE_TAGS
    )
    for kind in ("violations", "incomplete"):
        for rule in result[kind]:
            reviewed = {(rule["id"], scheme), (rule["id"], "")} & REVIEWED.keys()
            if kind == "incomplete" and reviewed:
                continue
            node = rule["nodes"][0]
            findings.axe.append(
                f"{where}: {rule['id']} ({kind}, {len(rule['nodes'])} times): {node['html'][:120]}"
            )
    page.close()


def known_vulnerabilities(locks: list[Path]) -> tuple[list[str], int]:
    """Look up known vulnerabilities of what the locks pin with pip-audit.

    Returns a sentence for each, and how many packages could not be looked up. Raises OSError when
    pip-audit cannot be fetched or its output cannot be read.
    """
    command = ["uv", "tool", "run", "--from", PIP_AUDIT, "pip-audit", "--format", "json"]
    command = [sys.executable, "-m", *command, "--disable-pip", "--no-deps"]
    for lock in locks:
        command += ["--requirement", str(lock)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError) as error:
        raise OSError(done.stderr.strip() or "pip-audit gave no answer") from error
    found = [
        f"{package['name']} {package['version']}: {flaw['id']}, fixed in "
        f"{', '.join(flaw['fix_versions']) or 'no version yet'}"
        for package in packages
        for flaw in package.get("vulns", [])
    ]
    return sorted(set(found)), sum("skip_reason" in package for package in packages)
