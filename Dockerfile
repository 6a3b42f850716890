# One image for web, worker, scheduler and migrations. By itself it serves; docker-compose.yml says what else it runs.

FROM node:22-slim AS packages
WORKDIR /packages
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev

FROM python:3.11-slim AS build
ENV PATH=/opt/academy/bin:$PATH
RUN python -m venv /opt/academy
WORKDIR /srv/academy
COPY requirements/app.txt requirements/
RUN pip install --no-cache-dir --no-input --require-hashes --only-binary :all: -r requirements/app.txt
COPY . .
COPY --from=packages /packages/node_modules node_modules
# Not manage.py, which would bring a database. The key signs nothing; without one, settings would write one to disk.
RUN python -m academy.assets && \
    SECRET_KEY=unused python -m django collectstatic --noinput -v0 --settings academy.settings --pythonpath .

FROM python:3.11-slim
ENV PATH=/opt/academy/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin academy
WORKDIR /srv/academy
RUN install -d -m 700 -o academy var/erasures
COPY --from=build /opt/academy /opt/academy
COPY . .
COPY --from=build /srv/academy/var/static var/static
COPY --from=build /srv/academy/var/fonts var/fonts
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://localhost:8000/health/ready/', timeout=8)"]
CMD ["gunicorn", "academy.wsgi:application", "--worker-class=gthread", "--workers=2", "--threads=4", \
     "--log-level=info", "--graceful-timeout=5", "--no-control-socket", "--preload", "--bind=0.0.0.0:8000"]
