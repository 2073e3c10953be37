// The numbers of names in framing "aemp1" (docs/protocol.md). The sender gives a name a number when it first
// sends it, and may give the number to another name later. So the sender need not have room for every name,
// and the receiver only does as it is told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace aemp::wire::native {

inline constexpr std::size_t most_numbers = 256;
inline constexpr std::size_t longest_name = 255;

// The sender's side. The hash of a name gives it one place; another name that falls there takes its number.
// When that happens, the number of places grows, up to most_numbers.
template <class Name>
class numbering {
 public:
  // is(name) tells whether this is the name that we look for; it has that hash.
  template <class Is>
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t hash, Is is) const {
    const entry& e = places_[place_of(hash)];
    if (e.hash != hash || e.number == none || !is(e.name)) return std::nullopt;
    return e.number;
  }

  std::uint32_t define(std::uint64_t hash, Name name) {
    while (places_[place_of(hash)].number != none && places_.size() < most_numbers) grow();
    entry& e = places_[place_of(hash)];
    if (e.number == none) {
      e.number = count_++;
    } else {
      ++moves_;
    }
    e.hash = hash;
    e.name = std::move(name);
    return e.number;
  }

  // How often a number went from one name to another. While this stays the same, the numbers that find and
  // define have returned stay valid.
  std::uint64_t moves() const noexcept { return moves_; }

 private:
  static constexpr std::uint32_t none = UINT32_MAX;
  struct entry {
    std::uint64_t hash = 0;
    Name name;
    std::uint32_t number = none;
  };

  // Takes the upper bits of a product, so that two names that were apart stay apart when there are more
  // places.
  std::size_t place_of(std::uint64_t hash) const { return (hash * 0x9e3779b97f4a7c15) >> shift_; }

  void grow() {
    std::vector<entry> before = std::exchange(places_, std::vector<entry>(2 * places_.size()));
    --shift_;
    for (entry& e : before) {
      if (e.number != none) places_[place_of(e.hash)] = std::move(e);
    }
  }

  std::vector<entry> places_ = std::vector<entry>(8);
  unsigned shift_ = 64 - 3;
  std::uint32_t count_ = 0;
  std::uint64_t moves_ = 0;
};

// The receiver's side: memory only for names that were sent, and never for more than most_numbers.
template <class Name>
class numbered {
 public:
  // Null for a number without a name. Valid until the next define.
  [[nodiscard]] Name* find(std::uint64_t number) { return number < count_ ? &names_[number] : nullptr; }

  // Returns false if the number cannot be given now: it must be one that was given before, or the next.
  [[nodiscard]] bool define(std::uint64_t number, Name name) {
    if (number < count_) {
      names_[number] = std::move(name);
    } else if (number == count_ && number < most_numbers) {
      names_.push_back(std::move(name));
      ++count_;
    } else {
      return false;
    }
    return true;
  }

 private:
  std::vector<Name> names_;
  std::size_t count_ = 0;  // of them, found without a division
};

}  // namespace aemp::wire::native
