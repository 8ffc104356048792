"""Copy the front-end parts from node_modules into static files, each with its licence beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src" / "medvirk" / "ui" / "static" / "vendor"

PARTS = {
    "designsystemet/index.css": "@digdir/designsystemet-css/dist/src/index.css",
    "designsystemet/theme.css": "@digdir/designsystemet-css/dist/theme/designsystemet.css",
    "designsystemet/LICENSE": "@digdir/designsystemet-css/LICENSE",
    "htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx/LICENSE": "htmx.org/LICENSE",
}


def main() -> None:
    missing = [source for source in PARTS.values() if not (MODULES / source).exists()]
    if missing:
        raise SystemExit(f"Missing in node_modules: {', '.join(missing)}. Run `npm ci`, then this again.")
    shutil.rmtree(VENDOR, ignore_errors=True)
    for target, source in PARTS.items():
        place = VENDOR / target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(MODULES / source, place)


if __name__ == "__main__":
    main()
