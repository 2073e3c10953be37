// What happens next, of many things that each have a moment: a set ordered by time. Adding, moving and
// removing a thing costs a logarithm, so nobody has to look at everything that could happen.
//
// A lot that is drawn on insertion orders the things of one moment: any order, and the same one for the same
// seed. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "core/clock.hpp"
#include "sim/chance.hpp"

namespace aemp::sim {

template <class Thing>
class agenda {
 public:
  struct item {
    core::time_point when;
    std::uint64_t lot;
    std::uint64_t number;  // tells things apart; chosen by the caller
    Thing what;

    bool operator<(const item& other) const noexcept {
      if (when != other.when) return when < other.when;
      return lot != other.lot ? lot < other.lot : number < other.number;
    }
  };
  // The position of a thing, kept by whoever added it.
  using place = std::optional<item>;

  // Sets the moment of the thing; empty removes it.
  void put(place& at, std::optional<core::time_point> when, chance& luck, std::uint64_t number,
           const Thing& what) {
    if (at && when && at->when == *when) return;
    remove(at);
    if (when) order_.insert(at.emplace(item{*when, luck.next(), number, what}));
  }
  void remove(place& at) {
    if (at) order_.erase(*at);
    at.reset();
  }

  // The next item, or null.
  const item* first() const { return order_.empty() ? nullptr : &*order_.begin(); }
  const item* due(core::time_point now) const {
    return order_.empty() || order_.begin()->when > now ? nullptr : &*order_.begin();
  }

 private:
  std::set<item> order_;
};

}  // namespace aemp::sim
