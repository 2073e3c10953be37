#include "mesh/heartbeat.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace aemp::mesh {
namespace {

using seconds = std::chrono::duration<double>;

}  // namespace

std::string in_seconds(core::duration d) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, seconds(d).count()).ptr;
  return {text, end};
}

std::pair<std::string, std::string> heartbeat_key(core::duration silence) {
  return {"heartbeat", in_seconds(silence)};
}

std::optional<core::duration> announced_silence(const wire::greeting& peer) {
  const auto text = peer.key("heartbeat");
  if (!text) return {};
  double n = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), n);
  if (failure != std::errc() || end != text->data() + text->size() || !std::isfinite(n) || n <= 0) return {};
  return std::chrono::duration_cast<core::duration>(seconds(std::clamp(n, 0.05, 86400.0)));
}

}  // namespace aemp::mesh
