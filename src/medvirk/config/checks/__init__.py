"""What `medvirk check` looks at: is the installation whole, may it be put into use, is it looked after?

A new check is a function here or in a room (`people.checkup` says how); each has a test that makes its fault.
"""

from medvirk.config.checks import deployment, files, installation, upkeep

__all__ = ["deployment", "files", "installation", "upkeep"]
