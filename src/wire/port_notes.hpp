// What the sink has noted of the ports that the last packets went to (framing.hpp, destination), for decoders
// whose packets have a name each time. It keeps few names, each in the one place where it can be; another
// name that belongs there takes it. 400 bytes and no more, but for names longer than strings hold inline.
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
  // Valid until the next call, and while the name is. Names that no port has by its number get no note.
  destination of(std::string_view name) {
    if (name.size() < shortest || name.size() > longest) return name;
    entry& e = entries_[place_of(name)];
    if (!is_same(e.name, name)) {
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

  // Names of nodes like ours are compared without a call.
  static bool is_same(std::string_view known, std::string_view name) {
    const std::size_t size = name.size();
    if (known.size() != size) return false;
    if (size > 16) return known == name;
    return data::load_eight(known.data()) == data::load_eight(name.data()) &&
           data::load_eight(known.data() + size - 8) == data::load_eight(name.data() + size - 8);
  }

  // By the end of the name, where the names of one node differ.
  static std::size_t place_of(std::string_view name) {
    return data::load_eight(name.data() + name.size() - 8) * 0x9e3779b97f4a7c15 >> 61;
  }

  std::array<entry, 8> entries_;
};

}  // namespace aemp::wire
