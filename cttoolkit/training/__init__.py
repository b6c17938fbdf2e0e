"""Worlds to practise on: simulated trails that really sign, stories played out in them, tampering done to them."""
