#!/bin/sh
# Builds the software driver, and the kernels for it.
#
#   build.sh FOLDER                   libcuda.so.1 and kernels.so, unless they are newer than all sources
#   build.sh FOLDER SOURCES DRIVER    kernels.so of the .cu files in SOURCES, for the driver in DRIVER
#
# The last line says what is missing when it fails. CXX names another compiler.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
out=$1
sources=${2:-$here/../../main/resources/dev/vitrine/kernels/cuda}
cxx=${CXX:-c++}
command -v "$cxx" >/dev/null || { echo "there is no C++ compiler ($cxx)"; exit 1; }
mkdir -p "$out"
trap 'rm -f "$out"/*.$$.*' EXIT

# -ffp-contract=off: what is fused is said in the source. -fsanitize=bounds: an index beyond an array traps.
flags="-std=c++17 -O2 -march=native -fPIC -fvisibility=hidden -Wall -ffp-contract=off -fno-math-errno"
trap_bounds="-fsanitize=bounds -fsanitize-undefined-trap-on-error -Wno-unknown-pragmas"

# The libraries appear under their names when they are complete: two builds may run at once.
kernels() {
  for source in products rows attention tensor_bf16 tensor_f16; do
    # shellcheck disable=SC2086
    "$cxx" $flags $trap_bounds -I"$here" -x c++ -c "$sources/$source.cu" -o "$2/$source.$$.o" &
    jobs="${jobs:-} $!"
  done
  for job in $jobs; do wait "$job"; done
  # shellcheck disable=SC2086
  "$cxx" $flags -shared -o "$2/kernels.$$.so" "$2"/*.$$.o "$here/library.cpp" -L"$1" -l:libcuda.so.1
  mv "$2/kernels.$$.so" "$2/kernels.so"
}

if [ $# -eq 3 ]; then
  kernels "$3" "$out"
  exit
fi
newer=$(find "$here" "$sources" -type f -newer "$out/kernels.so" 2>/dev/null | head -n 1) || newer=all
[ -f "$out/kernels.so" ] && [ -z "$newer" ] && exit
# shellcheck disable=SC2086
"$cxx" $flags -shared -Wl,-soname,libcuda.so.1 -o "$out/libcuda.$$.so" \
  "$here/driver.cpp" "$here/memory.cpp" "$here/streams.cpp" "$here/block.cpp" -ldl
mv "$out/libcuda.$$.so" "$out/libcuda.so.1"
kernels "$out" "$out"
