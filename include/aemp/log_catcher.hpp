// Collects the logs of all nodes in one place: a node asks each node that it is or will be connected to, C++
// or Perl, for its log up to a level.
//
//     catch_logs(7, [](std::string node, int level, std::string text) { … });
//
// Every node answers unless it is `secure`: the request is a function call, and is refused like any other. It
// then sends each line of its process's log up to that level, whatever it prints itself. After the first 1000
// lines it sends at most 200 a second, and reports in a line how many it left out. Lines are cut at 4 KiB.
// The trace of messages (log.hpp) is not sent.
#pragma once

#include <aemp/export.hpp>
#include <aemp/group.hpp>

namespace aemp {

namespace detail {
AEMP_API owned* catch_logs(local_node& node, int level, handler_ref f);
}

class log_functions : public group_functions {
 public:
  using group_functions::group_functions;

  // f(node, level, text, time, title) for each line of another node; f may take fewer parameters. `time` is
  // in seconds since 1970, by the clock of the node that wrote the line, or by ours for nodes of version 1.x,
  // which do not say it. `title` is the part of the program that wrote the line, or empty. Nobody catches
  // what f itself logs. Belongs to the running port; cancel() ends it.
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

// The same, for the node at hand (port.hpp).
template <class F>
monitor catch_logs(int level, F&& f) {
  return log_functions(detail::this_node("catch_logs")).catch_logs(level, std::forward<F>(f));
}

}  // namespace aemp
