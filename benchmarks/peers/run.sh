#!/usr/bin/env bash
# The same GPT-2 small with seeded random weights through this project and its peers, on one machine
# in one run, and one table of ratios. See ../README.md.
#   WORK=dir PYTHON=python TL3=dir ./run.sh [step ...]
# steps: setup model machine products vitrine hf llama tl jlama cold table (default: all)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
WORK=${WORK:-$here/target}
PYTHON=${PYTHON:-$WORK/venv/bin/python}
TL3=${TL3:-$WORK/tl3}
THREADS=${THREADS:-2}
BUDGET=${BUDGET:-2} # seconds of timing a figure
M=$WORK/model
export OUT=${OUT:-$WORK/results.jsonl} THREADS HF_HUB_OFFLINE=1 TQDM_DISABLE=1
# What holds BLAS back, or fixes its threads, must not leak into the figures.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE OPENBLAS_NUM_THREADS OMP_NUM_THREADS MKL_NUM_THREADS || true
mkdir -p "$WORK"

jdk=$(sh "$here/find-jdk.sh")
java() { "$jdk/bin/java" --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED "$@"; }
ours() {
  java -Xmx6g -XX:+UseTransparentHugePages -cp "$(cat "$WORK/classpath")" \
    dev.vitrine.benchmarks.PeerRun "$M/hf" "$THREADS" "$WORK/ids.txt" "$@" 2>/dev/null
}
jlama() {
  java -Xmx8g "$1" -cp "$WORK/jlama/classes:$WORK/jlama/lib/*" PeerJlama \
    "$M" "$THREADS" "$2" "$WORK/ids.txt" "${@:3}"
}

step() {
  case $1 in
    setup)
      if [ ! -x "$PYTHON" ]; then
        python3 -m venv "$WORK/venv"
        "$PYTHON" -m pip install -q torch transformers safetensors gguf numpy psutil threadpoolctl transformer-lens
        CMAKE_ARGS="-DGGML_NATIVE=ON -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_SERVER=OFF" \
          "$PYTHON" -m pip install -q --no-binary llama-cpp-python llama-cpp-python
      fi
      # HookedTransformer left TransformerLens with version 4: the last one that has it, beside the newest.
      [ -d "$TL3" ] || "$PYTHON" -m pip install -q --no-deps --target "$TL3" transformer-lens==3.9.0 better-abc
      (cd "$root" && ./mvnw -q -B -ntp -DskipTests -pl benchmarks -am package dependency:build-classpath \
        -Dmdep.outputFile=target/classpath)
      echo "$root/benchmarks/target/classes:$(cat "$root/benchmarks/target/classpath")" >"$WORK/classpath"
      if [ ! -d "$WORK/jlama/classes" ]; then
        mkdir -p "$WORK/jlama" && cp "$here/jlama/pom.xml" "$WORK/jlama/"
        (cd "$root" && ./mvnw -q -B -ntp -f "$WORK/jlama/pom.xml" dependency:copy-dependencies -DoutputDirectory="$WORK/jlama/lib")
        "$jdk/bin/javac" -nowarn --add-modules jdk.incubator.vector -cp "$WORK/jlama/lib/*" -d "$WORK/jlama/classes" "$here/jlama/PeerJlama.java"
      fi ;;
    model)
      [ -f "$M/reference.json" ] || "$PYTHON" "$here/make_model.py" "$M"
      (cd "$here" && "$PYTHON" -c 'import common; print(*common.prompt(1024))') >"$WORK/ids.txt" ;;
    machine)
      cc -O3 -march=native -fopenmp "$here/stream.c" -o "$WORK/stream"
      PEERS_STREAM=$WORK/stream "$PYTHON" "$here/peer_kernels.py" --model "$M" --threads "$THREADS" --budget 0.2 --rows stream --out "$OUT" ;;
    products)
      for shape in 768x2304 768x768 768x3072 3072x768 768x50257; do
        java -Xmx6g -XX:+UseTransparentHugePages -cp "$(cat "$WORK/classpath")" \
          dev.vitrine.benchmarks.ProductRun "$THREADS" "$OUT" $((BUDGET * 1000)) "$shape" 2>/dev/null
      done
      "$PYTHON" "$here/peer_kernels.py" --model "$M" --threads "$THREADS" --budget "$BUDGET" --rows sgemm --variant numpy --out "$OUT" ;;
    vitrine)
      ours "$OUT" $((BUDGET * 1000)) prefill,trace,decode f32
      for weights in bf16 int8; do ours "$OUT" $((BUDGET * 1000)) decode $weights; done ;;
    hf)
      "$PYTHON" "$here/peer_hf.py" --model "$M" --threads "$THREADS" --budget "$BUDGET" --variant sdpa --rows prefill,decode --out "$OUT" ;;
    llama)
      "$PYTHON" "$here/peer_llama.py" --model "$M" --threads "$THREADS" --budget "$BUDGET" --variant f32 --out "$OUT"
      "$PYTHON" "$here/peer_llama.py" --model "$M" --threads "$THREADS" --budget "$BUDGET" --variant f16,q8_0 --rows decode --out "$OUT" ;;
    tl)
      PYTHONPATH=$TL3 "$PYTHON" "$here/peer_tl.py" --model "$M" --threads "$THREADS" --budget "$BUDGET" --variant hooked --rows prefill,cache --out "$OUT" ;;
    jlama)
      jlama -Djlama.force_panama_tensor_operations=true vector-api "$OUT" || echo "jlama failed; the table goes without it" ;;
    cold)
      "$here/cold.sh" vitrine 5 -- "$jdk/bin/java" -XX:+UseParallelGC -Xmn64m -XX:+UseTransparentHugePages --add-modules=jdk.incubator.vector \
        -cp "$(cat "$WORK/classpath")" dev.vitrine.benchmarks.PeerRun "$M/hf" "$THREADS" "$WORK/ids.txt" /dev/null 0 cold f32
      "$here/cold.sh" llama.cpp 5 -- "$PYTHON" "$here/cold.py" llama.cpp "$M" "$THREADS"
      PYTHONPATH=$TL3 "$here/cold.sh" tl-hooked 3 -- "$PYTHON" "$here/cold.py" tl-hooked "$M" "$THREADS" ;;
    table)
      "$PYTHON" "$here/table.py" "$OUT" | tee "${OUT%.jsonl}.md" ;;
    *)
      echo "there is no step $1: setup model machine products vitrine hf llama tl jlama cold table" >&2
      exit 2 ;;
  esac
}

for s in ${*:-setup model machine products vitrine hf llama tl jlama cold table}; do
  echo "== $s"
  step "$s"
done
