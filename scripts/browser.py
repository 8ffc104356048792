"""Bring Chromium for the browser tests: from Debian when this is Debian and we are root, else say what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    if any(shutil.which(name) for name in NAMES):
        return 0
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing Chromium from Debian …", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"],
                        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]):  # fmt: skip
            subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL)
        if shutil.which("chromium"):
            return 0
    print(
        "Chromium is missing and cannot be installed from here. Install it, for example with\n"
        "    sudo apt-get install chromium\n"
        "and run the same command again.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
