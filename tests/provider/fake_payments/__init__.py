"""A provider of payments by QR code that takes no money: for tests, and for `DEMO=1 make run`."""
