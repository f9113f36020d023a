# syntax=docker/dockerfile:1
# belegt in a container, for the processor or, with --target gpu, for an NVIDIA GPU:
#
#   docker build --tag belegt .
#   docker build --tag belegt:gpu --target gpu .
#
# An image runs on other machines than the one that built it, so the inference library is built for
# a named set of instructions and not for the builder's processor; where all machines have more
# (AVX-512, AMX), say so with --build-arg CPU_FLAGS="...". Models are no part of the image: the first
# start fetches them into the volume /cache, or they are put there by hand.

FROM python:3.11-slim-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends build-essential clang cmake git libomp-dev ninja-build \
 && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/belegt
ENV PATH=/opt/belegt/bin:$PATH
WORKDIR /src
COPY constraints.txt pyproject.toml ./
# The CPU build of PyTorch where the package index offers it: the other brings gigabytes of CUDA.
RUN torch="$(grep ^torch== constraints.txt)" \
 && { pip install --no-cache-dir --constraint constraints.txt "${torch}+cpu" \
   || pip install --no-cache-dir --constraint constraints.txt "${torch}"; }
ARG CPU_FLAGS="-DGGML_NATIVE=OFF -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON"
RUN CC=clang CXX=clang++ CMAKE_ARGS="${CPU_FLAGS} -DLLAVA_BUILD=OFF" \
    pip install --no-cache-dir --no-deps --no-binary llama-cpp-python \
    --constraint constraints.txt llama-cpp-python
COPY . .
RUN pip install --no-cache-dir --constraint constraints.txt . pymilvus

FROM nvidia/cuda:12.6.3-devel-ubuntu22.04 AS cuda

FROM build AS build-gpu
COPY --from=cuda /usr/local/cuda-12.6 /usr/local/cuda
ENV PATH=/opt/belegt/bin:/usr/local/cuda/bin:$PATH
ARG CUDA_ARCHITECTURES="75;80;86;89;90"
RUN CMAKE_ARGS="-DGGML_NATIVE=OFF -DGGML_CUDA=ON -DCMAKE_CUDA_ARCHITECTURES=${CUDA_ARCHITECTURES} -DLLAVA_BUILD=OFF" \
    pip install --no-cache-dir --no-deps --force-reinstall --no-binary llama-cpp-python \
    --constraint constraints.txt llama-cpp-python

FROM python:3.11-slim-bookworm AS base
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libgomp1 libomp5 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home belegt \
 && mkdir /cache /data \
 && chown belegt: /cache /data
ENV PATH=/opt/belegt/bin:$PATH \
    BELEGT_CACHE=/cache \
    BELEGT_CORPUS=/data/corpus \
    BELEGT_RUNS=/data/runs \
    BELEGT_LOG_FORMAT=json \
    PYTHONUNBUFFERED=1
WORKDIR /data
VOLUME ["/cache", "/data"]
EXPOSE 8765
USER 10001
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8765/healthz', timeout=4)"]
ENTRYPOINT ["belegt"]
CMD ["serve", "--host", "0.0.0.0"]

FROM base AS gpu
COPY --from=build-gpu /opt/belegt /opt/belegt
COPY --from=cuda /usr/local/cuda-12.6/lib64/libcudart.so.12 \
                 /usr/local/cuda-12.6/lib64/libcublas.so.12 \
                 /usr/local/cuda-12.6/lib64/libcublasLt.so.12 /usr/local/lib/
ENV LD_LIBRARY_PATH=/usr/local/lib

FROM base AS cpu
COPY --from=build /opt/belegt /opt/belegt
