# The service, as a user of its own, on port 8080. Feeds are in /data, the configuration in /etc/notification.
FROM python:3.13-slim AS build
WORKDIR /source
COPY requirements.txt ./
RUN python -m venv /service && /service/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY pyproject.toml setup.cfg README.md ./
COPY siblings siblings
COPY notification notification
RUN /service/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
RUN useradd --system --home-dir /data --create-home notification
COPY --from=build /service /service
COPY config.yml /etc/notification/config.yml
ENV PATH=/service/bin:$PATH HOST=0.0.0.0 PORT=8080 DATA=/data
USER notification
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/ping\", timeout=2)"]
CMD ["notification", "server", "/etc/notification/config.yml"]
