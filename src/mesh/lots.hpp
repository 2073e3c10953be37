// A database goes from node to node in *lots*. Each lot tells everything that is between two bookmarks. So
// neither the size of messages nor the length of a worker's turn grows with what is registered
// (docs/protocol.md, "Lots"). The receiver of a lot asks for the next one; the sender keeps no state. A change
// in the meantime is told at once, wherever it is, because a lot is exact at the moment in which it is sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <aemp/value.hpp>

#include "core/database.hpp"

namespace aemp::mesh {

inline constexpr const char* lots_key = "lots";  // of the greeting, =1: they are understood

// A lot ends when it has reached one of these: some milliseconds of work for its receiver. Unless it is a
// single entry, it is no more than half of what the receiver accepts in one message.
inline constexpr std::size_t keys_in_a_lot = 1000;
inline constexpr std::size_t bytes_in_a_lot = std::size_t{512} << 10;

// A key of a family. Places are in the order of their families' names, and then of the keys.
using bookmark = std::pair<std::string, std::string>;

value value_of(const std::optional<bookmark>& p);  // a list of two, or null
// Empty: the value is null, or cannot be a bookmark.
std::optional<bookmark> bookmark_in(const value& v);

// The range that a lot tells everything of: behind `after`, up to and including `upto`. Where they are empty, it
// begins at the beginning and ends at the end.
template <class T>
struct range {
  std::optional<T> after = {}, upto = {};

  // Else the next lot would be this one again, for ever.
  bool advances() const { return !upto || !after || *upto > *after; }
};

// Of one family.
struct family_lot {
  range<std::string> keys = {};
  core::family_content content = {};
  std::size_t left_out = 0;
};
// `max_message`: what the receiver takes, as in message_limits.hpp. An entry that alone is more is left out.
family_lot next_lot(const core::family_content& all, std::optional<std::string> after,
                    std::size_t max_message = SIZE_MAX);

// Of all families.
struct lot {
  range<bookmark> marks = {};
  core::families content = {};
  std::size_t left_out = 0;
};
lot next_lot(const core::families& all, std::optional<bookmark> after, std::size_t max_message = SIZE_MAX);

// A change as it is told: in as many pieces as it takes for each to be no more than a lot.
struct pieces {
  std::vector<core::family_change> changes = {};
  std::size_t left_out = 0;
};
pieces in_pieces(const core::family_change& c, std::size_t max_message);

// What `has` contains in the range of the lot, but the lot does not.
std::vector<std::string> missing(const core::family_content& has, const family_lot& l);
// The changes that make `has` equal to the lot in its range, and what of it is set again.
std::vector<core::family_change> changes(const core::families& has, const lot& l);

// How many bytes `has` contains in a range, as core::weight_of() counts them.
std::size_t weight_in(const core::family_content& has, const range<std::string>& keys);
std::size_t weight_in(const core::families& has, const range<bookmark>& marks);

}  // namespace aemp::mesh
