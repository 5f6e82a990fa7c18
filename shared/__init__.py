"""The technical kernel: settings, bus, store, ids, logs. No business rule lives here."""
