#!/usr/bin/env bash
# Installs the build into a folder of its own, moves it, and builds a program that knows nothing of this project's
# source: once with find_package, once with pkg-config; and a service, which the installed tool has to find and run.
# All have to run, and each installed header has to compile alone, with the warnings that strict users ask for.
# Usage: install_test.sh BUILD SOURCE COMPILER
set -euo pipefail

build=${1:?usage: install_test.sh BUILD SOURCE COMPILER}
source=${2:?usage: install_test.sh BUILD SOURCE COMPILER}
compiler=${3:?usage: install_test.sh BUILD SOURCE COMPILER}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/tree"  # a tree that knows where it was installed would break here
tree=$work/tree

mkdir "$work/user"
cp "$source/examples/hello.cpp" "$source/tests/services/greet.cpp" "$work/user"
cat >"$work/user/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES CXX)
find_package(aemp 0.1 REQUIRED)
add_executable(hello hello.cpp)
target_link_libraries(hello PRIVATE aemp::aemp)
aemp_add_service(greet greet.cpp)
install(TARGETS greet DESTINATION ${AEMP_SERVICES_DIR})
END

check() {
  local name=$1 program=$2 output
  output=$("$program")
  if [ "$output" != "Ending with: 123" ]; then
    echo "install_test: the program built with $name printed: $output" >&2
    exit 1
  fi
  echo "install_test: $name works"
}

cmake -S "$work/user" -B "$work/user/build" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$tree" >"$work/log" ||
  { cat "$work/log" >&2; exit 1; }
cmake --build "$work/user/build" >"$work/log" || { cat "$work/log" >&2; exit 1; }
check find_package "$work/user/build/hello"

pc=$(find "$tree" -name aemp.pc)
libdir=$(dirname "$(dirname "$pc")")
export PKG_CONFIG_PATH=${pc%/aemp.pc} LD_LIBRARY_PATH=$libdir
read -r -a cflags <<<"$(pkg-config --cflags aemp)"
read -r -a libs <<<"$(pkg-config --libs aemp)"
"$compiler" -std=c++20 "${cflags[@]}" "$work/user/hello.cpp" -o "$work/user/hello" "${libs[@]}"
check pkg-config "$work/user/hello"

if [ -x "$tree/bin/aemp" ]; then
  cmake --install "$work/user/build" --prefix "$tree" >/dev/null
  said=$(HOME=$work AEMP_CONFIG=/dev/null "$tree/bin/aemp" run "" services '[["greet::serve","Hello"],["greet::leave",0]]')
  if [ "${said#*$'\n'}" != "greets with Hello" ]; then
    echo "install_test: aemp run with a service printed: $said" >&2
    exit 1
  fi
  echo "install_test: the installed aemp runs an installed service"
fi

# The library is compiled without the sanitizer that its user wants.
"$compiler" -std=c++20 -g1 -fsanitize=address "${cflags[@]}" "$source/examples/receive.cpp" -o "$work/user/receive" "${libs[@]}"
"$work/user/receive" >/dev/null
echo "install_test: a program with the address sanitizer works"

# Templates warn where they are used, so programs that use much are compiled, too.
warnings=(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Werror)
for program in mesh_node watching_node data_node tool_node; do
  "$compiler" -std=c++20 "${warnings[@]}" -fsyntax-only "${cflags[@]}" "$source/tests/programs/$program.cpp"
done

headers=0
while read -r header; do
  printf '#include <%s>\n' "${header#"$tree"/include/}" >"$work/user/header.cpp"
  "$compiler" -std=c++20 "${warnings[@]}" -fsyntax-only "${cflags[@]}" "$work/user/header.cpp"
  headers=$((headers + 1))
done < <(find "$tree/include" -name '*.hpp')
[ "$headers" -gt 0 ]
echo "install_test: $headers installed headers compile alone"
