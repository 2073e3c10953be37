// What a torture_node is told on its command line, as words name=value.
#pragma once

#include <aemp/config.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace torture {

// A node of the test, this one among them: how many receivers it has under lasting names ("r0", "r1"…), and
// how many places for ports that come and go, which its port "directory" knows.
struct place_list {
  std::string node;
  std::uint32_t named = 0, passing = 0;
  bool raw = false;  // no node of this library: nothing can be spawned there, and large payloads are not sent
};

struct settings {
  aemp::config node;
  std::uint32_t index = 0, incarnation = 0, senders = 3;
  std::uint64_t seed = 0;
  std::string journal;
  std::vector<place_list> nodes;
  std::uint32_t pause_ms = 6;  // mean time between two things that a sender does by itself
  // Of a thousand things that a sender does, and of ten thousand that come to a receiver: how many block the
  // worker, for some milliseconds up to busy_ms.
  std::uint32_t busy = 0, busy_ms = 10;
  std::uint32_t life_ms = 4000;  // of a receiver that comes and goes, on average
};

// Throws std::invalid_argument with a text for a person.
settings settings_of(int argc, char** argv);

}  // namespace torture
