"""Tools for operators: the admin pages, health, metrics, and the inspection, check and copying of stored data.

Code here may access stores and buckets, and the process itself. It must not read the configuration or start anything,
because `runtime` and `cli` do that. Bottom-up:

- `activity`: tasks and threads of this process
- `metrics`, `metrics_json`: all metrics, for Prometheus and as JSON
- `health`: whether the service can do its work
- `inspection`, `checking`: describe stored values, and check that they can be read
- `copying`, `history`: write stored data outside of requests
- `admin`: `/admin` and `/metrics`
"""
