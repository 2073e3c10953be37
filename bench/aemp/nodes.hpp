// The two nodes of R1 to R5: one that listens, on a port of 127.0.0.1 that is free, and one that only
// connects. They share a secret. Arguments: "spin" to look for work for 100 microseconds before sleeping;
// "tls" for encryption also on loopback, where it is off by default; "json", "cbor" or "aemp1" for a framing.
#pragma once

#include <string>

#include <aemp/aemp.hpp>

#include "bench/stopwatch.hpp"

namespace bench {

inline aemp::config settings(int argc, char** argv) {
  aemp::config c;
  c.secret = "a secret of the benchmarks";
  c.encryption = has_argument(argc, argv, "tls") ? "required" : "off";
  for (const char* framing : {"json", "cbor", "aemp1"}) {
    if (has_argument(argc, argv, framing)) c.framing_format = {framing};
  }
  if (has_argument(argc, argv, "spin")) c.spin = std::chrono::microseconds(100);
  c.norc = true;
  return c;
}

inline aemp::config connecting(int argc, char** argv) {
  aemp::config c = settings(argc, argv);
  c.nodeid = "anon/";
  c.binds = {};
  return c;
}

inline aemp::port_id there(const std::string& said) {
  aemp::result<aemp::port_id> p = aemp::port_id::parse(said);
  if (!p) {
    std::fprintf(stderr, "the other process said '%s' instead of its port\n", said.c_str());
    std::exit(1);
  }
  return *p;
}

}  // namespace bench
