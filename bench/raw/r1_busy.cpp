// R1 with both sides busy asking: the floor of TCP on loopback, at the price of two CPUs.
#include "bench/raw/ping_pong.hpp"

int main(int argc, char** argv) { bench::ping_pong(argc, argv, MSG_DONTWAIT); }
