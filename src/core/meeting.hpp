// One message and the handlers of one port: which of them run, and in which order (aemp-protocol A.4): the handlers of
// the message's tag, then patterns that begin with a text, then other patterns. All that match run; `otherwise` runs
// only when none of them did. On the port's worker.
#pragma once

#include <cstddef>
#include <string>

#include <aemp/handler.hpp>

#include "core/handler_table.hpp"

namespace aemp::core {

struct meeting {
  detail::block& content;
  bool taken = false;    // by a handler at least
  bool removed = false;  // a handler is done, and has to leave the table

  // Runs the handlers. The caller holds the table, which a handler may replace.
  void offer_all(const handler_table& table);

 private:
  void offer(detail::handler& h, std::size_t skip);
  void offer_to_others(detail::handler& h, std::size_t skip);
};

// Why no handler of the table took the message: "element 1 is ...". Null: there is no table.
std::string why_not_taken(const handler_table* table, detail::block& content);

}  // namespace aemp::core
