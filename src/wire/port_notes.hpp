// For decoders whose packets have a name each time: remembers what the sink has noted (framing.hpp,
// destination) of the ports that the last packets went to. Each name has one place, and a new name there
// replaces the old one. Takes 400 bytes and no more, except for names longer than strings hold inline.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "data/eight.hpp"
#include "wire/framing.hpp"

namespace aemp::wire {

class port_notes {
 public:
  // Valid until the next call, and while the name is. A name too short or too long for a
  // numbered port gets no note.
  destination of(std::string_view name) {
    if (name.size() < shortest || name.size() > longest) return name;
    entry& e = entries_[place_of(name)];
    if (!data::is_same_text(name, e.name)) {
      e.name = name;
      e.note = 0;
    }
    return {name, &e.note};
  }

 private:
  struct entry {
    std::string name;
    std::uint64_t note = 0;
  };
  static constexpr std::size_t shortest = 8, longest = 64;

  // Hashes the end of the name, where the names of one node differ.
  static std::size_t place_of(std::string_view name) {
    return data::load_eight(name.data() + name.size() - 8) * 0x9e3779b97f4a7c15 >> 61;
  }

  std::array<entry, 8> entries_;
};

}  // namespace aemp::wire
