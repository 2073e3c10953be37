#include "core/node_context.hpp"

#include <aemp/task.hpp>

#include <exception>

namespace aemp::core {

std::string text_of_exception() {
  try {
    throw;
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

message reason_of_exception() {
  try {
    throw;
  } catch (const failure& f) {
    return f.content();
  } catch (...) {
    return message("die", text_of_exception());
  }
}

void node_context::report_exception(std::string_view what, const std::string& node) noexcept {
  internal_errors_.fetch_add(1, std::memory_order_relaxed);
  const std::string text = text_of_exception();
  report(1, what, [&] {
    return "internal_error: exception in " + std::string(what) + " of node " + node + ": " + text;
  });
}

}  // namespace aemp::core
