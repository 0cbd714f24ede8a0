"""The `kmonitor` command: up, doctor."""
