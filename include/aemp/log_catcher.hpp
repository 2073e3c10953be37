// The logs of all nodes in one place (aemp-protocol F.2, I.6): a node asks each node it is or will be
// connected to for its log, up to a level, whether that is C++ or Perl.
//
//     catch_logs(7, [](std::string node, int level, std::string text) { … });
//
// Every node answers such a request, unless it is `secure`: it is a call of a function, and is refused like
// any other. It then sends each line of its process's log up to that level, whatever it prints itself, but at
// most 200 a second once the first 1000 are gone; what was left out is counted in a line of its own. Lines
// are cut at 4 KiB. The trace of messages (log.hpp) is not sent.
#pragma once

#include <aemp/group.hpp>

namespace aemp {

namespace detail {
owned* catch_logs(local_node& node, int level, handler_ref f);
}

class log_functions : public group_functions {
 public:
  using group_functions::group_functions;

  // f(node, level, text, time, title) for each line of other nodes; it may take fewer parameters. `time` is
  // in seconds since 1970 by the clock of the node that wrote the line (by ours, where version 1.x does not
  // say), `title` is what part of that program wrote it, or empty. What f itself logs is not caught by
  // anybody. Belongs to the running port; cancel() ends it.
  template <class F>
  monitor catch_logs(int level, F&& f) {
    using detail::element::number, detail::element::text;
    static_assert(
        detail::takes_elements<F, text, number, text, number, text>,
        "catch_logs: the callback takes (std::string node, int level, std::string text, double time, "
        "std::string title); or the first of them");
    return monitor(detail::catch_logs(*core_, level, detail::handler_of(std::forward<F>(f))));
  }
};

// The same, for the node at hand.
template <class F>
monitor catch_logs(int level, F&& f) {
  return log_functions(detail::this_node("catch_logs")).catch_logs(level, std::forward<F>(f));
}

}  // namespace aemp
