"""How many people a percentage takes."""

# One person of fewer than ten moves a share by more than ten points: no percentage is made of them.
FEWEST = 10
