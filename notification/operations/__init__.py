"""What operators use: the admin pages, health, metrics, and tools that look at or copy stored data.

It may read stores and buckets, and the process itself. It may not read the configuration or start anything; `runtime`
and `cli` do that. Bottom-up:

- `activity`: tasks and threads of this process
- `metrics`, `metrics_json`: all metrics, for Prometheus and as JSON
- `health`: whether the service can do its work
- `inspection`, `checking`: what is stored, and whether it can be read
- `copying`, `history`: writing stored data outside of requests
- `admin`: `/admin` and `/metrics`
"""
