"""The `kmonitor` command: up, doctor, demo."""
