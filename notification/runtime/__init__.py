"""The process: configuration, logging, the composition root, connections, workers and reloading.

Only this folder reads configuration files, handles signals, opens sockets and builds live objects. The code
of requests and commands belongs in the lower layers, which must not import this folder. Bottom-up:

- `yaml_document`: YAML with environment variables and line numbers
- `config_values`, `config_reasons`, `config_checks`, `config`: the schema of config.yml and its messages
- `log_lines`, `logs`, `seldom`: logging, and limits on repeated lines
- `connection`, `gate`, `acceptor`: client connections and their limits
- `app`: the composition root
- `sockets`, `loop`, `server`: the service in one process
- `worker`, `worker_process`, `supervisor`: the service in several processes
- `reloading`: handles signals, and changes the configuration without a restart
"""
