"""The science room stands alone: it opens from a notebook and brings no web framework along."""

import subprocess
import sys


def test_opens_from_a_notebook_without_django():
    program = (
        "import sys; from medvirk import stats; "
        "print(stats.change.Direction.LOWER, stats.growth.fit.__name__, stats.signals.BAND, "
        "stats.reliability.cronbach_alpha.__name__, 'django' in sys.modules)"
    )

    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert found.stdout.split() == ["lower", "fit", "0.8", "cronbach_alpha", "False"]
