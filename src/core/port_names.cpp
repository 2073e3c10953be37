#include "core/port_names.hpp"

#include <algorithm>

namespace aemp::core {

const port_names::holder* port_names::find_in(const std::vector<holder>& holders,
                                              std::uint64_t number) noexcept {
  if (number == 0) return nullptr;
  const auto found = std::ranges::find(holders, number, &holder::number);
  return found == holders.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> port_names::find(std::string_view name, std::uint64_t running) const {
  const auto names = names_.shared();
  const auto found = names->find(name);
  if (found == names->end()) return {};
  const holder* const itself = find_in(found->second, running);
  return (itself != nullptr ? *itself : found->second.back()).number;
}

std::pair<std::uint64_t, bool> port_names::find_or_add(std::string_view name, std::uint64_t running,
                                                       const std::function<std::uint64_t()>& make) {
  const auto names = names_.lock();
  const auto found = names->find(name);
  if (found != names->end()) {
    if (const holder* itself = find_in(found->second, running)) return {itself->number, false};
    if (!found->second.back().ends) return {found->second.back().number, false};
  }
  const std::uint64_t number = make();
  (found != names->end() ? found->second : (*names)[std::string(name)]).push_back({number});
  return {number, true};
}

void port_names::will_end(std::string_view name, std::uint64_t number) {
  const auto names = names_.lock();
  const auto found = names->find(name);
  if (found == names->end()) return;
  for (holder& h : found->second) h.ends = h.ends || h.number == number;
}

void port_names::has_ended(std::string_view name, std::uint64_t number) {
  const auto names = names_.lock();
  const auto found = names->find(name);
  if (found == names->end()) return;
  std::erase_if(found->second, [number](const holder& h) { return h.number == number; });
  if (found->second.empty()) names->erase(found);
}

}  // namespace aemp::core
