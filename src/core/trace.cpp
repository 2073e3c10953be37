#include "core/trace.hpp"

#include <algorithm>
#include <cstdlib>

#include <aemp/handler.hpp>
#include <aemp/log.hpp>

#include "core/log_hook.hpp"

namespace aemp {
namespace {

bool wanted_by_environment() {
  for (const char* name : {"AEMP_TRACE", "PERL_ANYEVENT_MP_TRACE"}) {
    if (const char* text = std::getenv(name)) return core::means_on(text);
  }
  return false;
}

}  // namespace

namespace core {

bool means_on(std::string_view text) {
  constexpr std::string_view off[] = {"", "0", "false", "no", "off"};
  std::string small(text);
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::ranges::find(off, small) == std::end(off);
}

std::atomic<bool> tracing{wanted_by_environment()};

void trace(std::string_view what, std::string_view port, const message& m) {
  constexpr std::size_t longest = 500;
  std::string line = std::string(what).append(" ").append(port).append(" ") + m.to_string();
  if (line.size() > longest) {
    std::size_t end = longest;
    while ((line[end] & 0xc0) == 0x80) --end;  // not inside a character
    line.replace(end, line.npos, "…");
  }
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  log_to_sink(9, line);
}

void trace(std::string_view what, std::string_view port, detail::block& b) {
  if (b.what == detail::block::kind::task) return;
  detail::borrowed_message m(
      b.what == detail::block::kind::shared ? static_cast<detail::shared_block&>(b).message : &b);
  trace(what, port, m.get());
}

}  // namespace core

void set_trace(bool on) noexcept { core::tracing.store(on, std::memory_order_relaxed); }

}  // namespace aemp
