# syntax=docker/dockerfile:1

FROM rust:1.95-bookworm AS build
# perl and make are for the bundled OpenSSL; the image has the C compiler.
RUN apt-get update && apt-get install -y --no-install-recommends make perl && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package api && cp target/release/lssc /usr/local/bin/lssc

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /data lssc && install -d -o lssc -g lssc /data
COPY --from=build /usr/local/bin/lssc /usr/local/bin/lssc
USER lssc
ENV LSSC_BIND=0.0.0.0:8080 LSSC_DATA_DIR=/data LSSC_LOG_FORMAT=json
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["lssc"]
CMD ["serve"]
