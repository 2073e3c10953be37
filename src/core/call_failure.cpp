#include "core/call_failure.hpp"

#include <aemp/elements.hpp>
#include <aemp/symbol.hpp>

namespace aemp::core {
namespace {

constexpr std::string_view tag = "aemp::failed";
constexpr std::uint64_t key = symbol_key(tag);

}  // namespace

message call_failure(const message& reason) {
  std::vector<value> all = reason.elements();
  all.insert(all.begin(), value(tag));
  return message::of(std::move(all));
}

std::optional<message> failure_in(detail::block& answer) {
  if (answer.key != key || answer.ops->tag(answer) != tag) return {};
  std::vector<value> all;
  for (std::size_t i = 1; i < detail::size_of(answer); ++i) all.push_back(detail::value_of(answer, i));
  return message::of(std::move(all));
}

}  // namespace aemp::core
