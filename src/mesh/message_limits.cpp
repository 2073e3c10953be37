#include "mesh/message_limits.hpp"

#include <algorithm>
#include <charconv>

#include "data/weight.hpp"

namespace aemp::mesh {
namespace {

// Every peer is taken to accept at least this, so that the messages of the protocol itself, and the reasons
// why something was not sent, always fit.
constexpr message_limits least{std::size_t{64} << 10, 8};

std::size_t number_in(const wire::greeting& peer, std::string_view key) {
  const auto text = peer.key(key);
  std::size_t n = 0;
  if (!text) return SIZE_MAX;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), n);
  return failure == std::errc() && end == text->data() + text->size() ? n : SIZE_MAX;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> limit_keys(const limits& own) {
  return {{"max_depth", std::to_string(own.max_depth)}, {"max_message", std::to_string(own.max_message)}};
}

message_limits limits_in(const wire::greeting& peer) {
  return {std::max(number_in(peer, "max_message"), least.max_message),
          std::max(number_in(peer, "max_depth"), least.max_depth)};
}

result<void> check(const message_limits& of_peer, const message& m) {
  const data::measure all = data::measure_of(m);
  if (all.weight > of_peer.max_message) {
    return error{"message_too_large", "it takes " + std::to_string(all.weight) +
                                          " bytes, and max_message of the receiving node is " +
                                          std::to_string(of_peer.max_message)};
  }
  if (all.depth > of_peer.max_depth) {
    return error{"message_too_deep", "it has lists and maps " + std::to_string(all.depth) +
                                         " deep in each other, and max_depth of the receiving node is " +
                                         std::to_string(of_peer.max_depth)};
  }
  return {};
}

// A byte of a text takes up to six in JSON. In the other framings nothing takes much more than in memory.
wire::framing_limits decoder_limits(const limits& own, std::string_view framing) {
  constexpr std::size_t head = 4096;  // the port's name
  const std::size_t packet = framing == "json" ? 6 * own.max_message : own.max_message + own.max_message / 8;
  return {.max_packet = packet + head, .max_weight = own.max_message + head, .max_depth = own.max_depth + 1};
}

}  // namespace aemp::mesh
