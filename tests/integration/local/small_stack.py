"""Runs a real broker and a real engine under services of the test: python small_stack.py FOLDER PORT_BASE."""

import sys
from pathlib import Path

from kmonitor.local.plan import SERVICES, Plan, Service
from kmonitor.local.up import progress, run

SERVER = """
import http.server, os
class Ok(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
address = (os.environ["KMONITOR_HTTP_HOST"], int(os.environ["KMONITOR_HTTP_PORT"]))
http.server.HTTPServer(address, Ok).serve_forever()
"""

if __name__ == "__main__":
    services = [Service(service.name, service.offset, ("-c", SERVER)) for service in SERVICES]
    run(Plan(Path(sys.argv[1]), int(sys.argv[2]), services), fresh=False, say=progress())
