#include "api/limit_rules.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "api/similar.hpp"

namespace aemp::api {
namespace {

constexpr std::size_t deepest = 4096;  // decoders recurse, in threads whose stacks may have any size

// With less, the protocol itself would not work.
constexpr limit_rule rules[] = {
    {"max_message", &limits::max_message, std::size_t{64} << 10},
    {"max_depth", &limits::max_depth, 8},
    {"max_queued", &limits::max_queued, std::size_t{64} << 10},
    {"max_queued_messages", &limits::max_queued_messages, 1},
    {"max_queued_total", &limits::max_queued_total, std::size_t{64} << 10},
    {"max_received_total", &limits::max_received_total, std::size_t{64} << 10},
    {"max_monitors", &limits::max_monitors, 1},
    {"max_registered", &limits::max_registered, std::size_t{64} << 10},
    {"max_subscriptions", &limits::max_subscriptions, 1},
    {"max_circuits", &limits::max_circuits, 0},
    {"max_data_connections", &limits::max_data_connections, 0},
    {"max_data_waiting", &limits::max_data_waiting, 0},
    {"max_wishes", &limits::max_wishes, 0},
    {"max_wished", &limits::max_wished, 0},
    {"max_handshakes", &limits::max_handshakes, 1},
    {"max_routes", &limits::max_routes, 1},
};

std::optional<std::string> complaint(const limit_rule& rule, std::size_t n) {
  if (n < rule.least) return std::string(rule.name) + " is at least " + std::to_string(rule.least);
  if (rule.member == &limits::max_depth && n > deepest)
    return std::string(rule.name) + " is at most " + std::to_string(deepest);
  return {};
}

}  // namespace

std::span<const limit_rule> limit_rules() { return rules; }

result<void> take_limits(const value& v, limits& to) {
  if (v.type() != value::kind::map) return error{"bad_setting", "a map of limits and numbers is expected"};
  for (const auto& [name, content] : v.entries()) {
    const auto rule = std::ranges::find(rules, name, &limit_rule::name);
    if (rule == std::end(rules)) {
      std::vector<std::string> names;
      for (const limit_rule& known : rules) names.emplace_back(known.name);
      return error{"bad_setting",
                   "there is no limit '" + name.substr(0, 64) + "'" + did_you_mean(similar(name, names))};
    }
    const auto n = content.is_text() || content.is_number() ? content.to<std::size_t>() : std::nullopt;
    if (!n) return error{"bad_setting", name + " has to be a whole number, not negative"};
    if (const auto wrong = complaint(*rule, *n)) return error{"bad_setting", *wrong};
    to.*rule->member = *n;
  }
  return {};
}

result<void> check_limits(const limits& l) {
  for (const limit_rule& rule : rules) {
    if (const auto wrong = complaint(rule, l.*rule.member))
      return error{"bad_limit",
                   "limits." + *wrong + "; " + std::to_string(l.*rule.member) + " was asked for"};
  }
  return {};
}

}  // namespace aemp::api
