// Questions to a node's inspect service (docs/protocol.md, "aemp::inspect"), page by page where there are
// pages.
#pragma once

#include <functional>
#include <string>

#include "tool/network/session.hpp"

namespace aemp::tool {

struct findings {
  value first;         // the first page as it came: "version", "uptime", …
  value::array items;  // of all pages
  bool more = false;   // there are pages that were not asked for
};

// Asks, and calls f with all that came. Ends the session's command with `failed` when the node refuses, and
// with no_answer when it cannot be reached; --timeout is for each page.
void ask_node(session& s, const std::string& node, const std::string& what, std::function<void(findings)> f);

// The same for who goes on without: `refused` gets the error instead. After so many pages there is an end,
// so that a node with a million ports has little to do.
void ask_node(session& s, const std::string& node, const std::string& what, std::function<void(findings)> f,
              std::function<void(const error&)> refused, std::size_t most_pages = ~std::size_t{0});

}  // namespace aemp::tool
