// A database goes from node to node in *lots*, each of which says what there is between two bookmarks, so
// that the size of no message and the length of nobody's turn grow with what is registered (docs/protocol.md,
// "Lots"). Who receives a lot asks for the next one; who sends it keeps nothing in mind. What changes
// meanwhile is told at once, wherever it is, for a lot is exact at the moment in which it is sent.
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

// The most that is in a lot, whichever is reached first: some milliseconds of work for who gets it. Never more
// than half of what the receiver takes in a message, if it has more than one entry.
inline constexpr std::size_t keys_in_a_lot = 1000;
inline constexpr std::size_t bytes_in_a_lot = std::size_t{512} << 10;

// A key of a family. Places are in the order of their families' names, and then of the keys.
using bookmark = std::pair<std::string, std::string>;

value value_of(const std::optional<bookmark>& p);  // a list of two, or null
// Null is no bookmark, and neither is what cannot be one.
std::optional<bookmark> bookmark_in(const value& v);

// What a lot says all of: behind `after`, up to and with `upto`. Empty: from the beginning; to the end.
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

// What somebody has in the range of a lot, although the lot does not.
std::vector<std::string> missing(const core::family_content& has, const family_lot& l);
// What somebody who has something else in the range of a lot has to change, and what it sets again.
std::vector<core::family_change> changes(const core::families& has, const lot& l);

// What somebody has in a range, in bytes as in core::weight_of().
std::size_t weight_in(const core::family_content& has, const range<std::string>& keys);
std::size_t weight_in(const core::families& has, const range<bookmark>& marks);

}  // namespace aemp::mesh
