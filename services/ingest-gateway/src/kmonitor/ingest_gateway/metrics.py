"""What the gateway counts, each with when to worry."""

from kmonitor.runtime.metrics import counter, gauge, histogram

REFUSED_EVENTS = counter(
    "kmonitor_gateway_refused_events_total",
    "Items of reports that can never be read, kept in the quarantine.",
    worry="it grows faster than a few a minute: a vendor's update speaks another language",
    labels=("reason",),
)
PROBLEMS = counter(
    "kmonitor_gateway_problems_total",
    "Requests answered with a problem, by its status.",
    worry="503 grows (the log cannot take more, or is away) or 401 and 403 do (keys are wrong)",
    labels=("status",),
)
REDACTED = counter(
    "kmonitor_gateway_redacted_total",
    "Card numbers replaced by tokens.",
    worry="it grows at all: some software sends card numbers",
)
IN_FLIGHT = gauge(
    "kmonitor_gateway_in_flight",
    "Reports inside the gateway now.",
    worry="it stays at the limit for minutes",
)
LIMIT = gauge(
    "kmonitor_gateway_in_flight_limit",
    "Reports that may be inside at once, found from how quickly they leave.",
    worry="it stays below 50: the log answers slowly",
)
LATENCY = histogram(
    "kmonitor_gateway_latency_seconds",
    "From a whole report to its 202.",
    worry="p99 is above 0.25 s",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
)
