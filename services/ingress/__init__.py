"""The ingress: HTTP in, commands out. One folder for each API dialect; no database."""
