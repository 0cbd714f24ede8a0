"""The `kmonitor` command: up, doctor, demo, quarantine."""
