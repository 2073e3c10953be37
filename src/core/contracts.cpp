// The compiled side of include/aemp/contract.hpp and serve.hpp: the answers that are no replies.
#include <stdexcept>

#include <aemp/serve.hpp>

#include "core/call_failure.hpp"
#include "core/node_use.hpp"

namespace aemp::detail {

void throw_argument_out_of_range(std::string_view message, std::size_t index) {
  throw std::invalid_argument("argument " + std::to_string(index) + " of '" + std::string(message) +
                              "' is out of the range of its type in the contract");
}

void throw_reply_out_of_range() {
  throw std::out_of_range("a reply is out of the range of its type in the contract");
}

void answer(const node_identity& server, const port_id& to, block* reply) {
  const message owned = message::adopt(reply);
  const core::node_use use(server);
  if (!use || use.node().is_shut_down()) return;
  use.node().send(to, enqueue_form(owned));
}

// A reason that cannot be sent is replaced by one that says so.
void answer_failure(const node_identity& server, const port_id& to, const message& reason) noexcept {
  const auto try_to_send = [&](const message& why) {
    try {
      answer(server, to, core::call_failure(why).leak());
      return std::string();
    } catch (const std::exception& e) {
      return std::string(e.what());
    }
  };
  const std::string problem = try_to_send(reason);
  if (!problem.empty()) (void)try_to_send(message("no_reply", "the reason cannot be sent: " + problem));
}

bool answer_bad_request(const node_identity& server, block& content, std::string_view name, std::size_t takes,
                        const mismatch& why) {
  const std::size_t size = size_of(content);
  const auto to = size > 1 ? from_value<port_id>(value_of(content, size - 1)) : std::nullopt;
  if (!to) return false;
  const std::string called = "'" + std::string(name) + "'";
  std::string text;
  if (size - 2 != takes) {
    text = called + " takes " + std::to_string(takes) + " arguments and the port for the reply; " +
           std::to_string(size - 2) + " came before the last element";
  } else {
    text = "argument " + std::to_string(why.element) + " of " + called + " is " + why.found + ", " +
           std::string(why.asked) + " expected";
  }
  answer_failure(server, *to, message("bad_request", std::move(text)));
  return true;
}

}  // namespace aemp::detail
