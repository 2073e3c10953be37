// R1 with blocking sockets, one thread in each process.
#include "bench/raw/ping_pong.hpp"

int main(int argc, char** argv) { bench::ping_pong(argc, argv, 0); }
