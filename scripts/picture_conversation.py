"""Make docs/pictures/conversation.png: the README's picture, taken of the demo as it is."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "pictures" / "conversation.png"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=2)  # noqa: S310  our own address
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.5)
        else:
            return
    raise SystemExit("The demo did not start; run `make demo` to see why.")


def photograph(address: str) -> None:
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        page = browser.new_context(viewport={"width": 1280, "height": 1000}, locale="en-GB").new_page()
        page.goto(address)
        page.click("form[action$='/practitioner/'] button")
        page.locator(".citizen-row a.ds-button").nth(1).click()
        page.wait_for_load_state()
        page.screenshot(path=PICTURE)
        browser.close()


def main() -> None:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [Path(sys.executable).parent / "medvirk", "demo", "--port", str(port)],
            env={**os.environ, "MEDVIRK_DEMO_DATA": folder},
            start_new_session=True,
        )
        try:
            wait_for(f"http://localhost:{port}/")
            photograph(f"http://localhost:{port}/")
        finally:
            os.killpg(server.pid, 15)
            server.wait()


if __name__ == "__main__":
    main()
