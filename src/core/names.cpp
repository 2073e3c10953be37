#include "core/names.hpp"

namespace aemp::core {

names::names(crew& workers, std::string node_id, std::string uniq) : workers_(workers) {
  detail::node_identity& identity = detail::make_identity(std::move(node_id), std::move(uniq));
  identity.owner = &workers.node();
  identity_ = &identity;
  workers.set_identity(&identity);
}

names::~names() {
  identity_.load()->owner = nullptr;
  for (detail::node_identity* former : former_) former->owner = nullptr;
}

void names::rename(std::string node_id) {
  detail::node_identity* const before = identity_.load();
  detail::node_identity& after = detail::make_identity(std::move(node_id), before->uniq);
  after.owner = &workers_.node();
  former_.push_back(before);
  identity_.store(&after, std::memory_order_release);
  workers_.set_identity(&after);
}

void names::let_nobody_in() noexcept {
  detail::let_nobody_in(identity());
  for (const detail::node_identity* former : former_) detail::let_nobody_in(*former);
}

bool names::has_own_text(const port_id& id) const {
  return id && halves(*id.shared_text()).node == identity().node;
}

std::optional<std::uint64_t> names::resolve_text(const port_id& id) const {
  return resolve_name(halves(*id.shared_text()).name);
}

std::optional<std::uint64_t> names::number_in(std::string_view name) const {
  const auto number = number_of(identity(), name);
  return number ? existing(*number) : number;
}

std::optional<std::uint64_t> names::resolve_name(std::string_view name) const {
  if (name.empty()) return 0;
  if (const auto number = number_of(identity(), name)) return existing(*number);
  return given_.find(name, running_here());
}

std::pair<std::uint64_t, bool> names::name_port(std::string_view name, std::uint32_t worker) {
  return given_.find_or_add(name, running_here(), [&] { return workers_.at(worker).ports().reserve(); });
}

std::string names::new_unique_name() {
  return identity().uniq + "-" + std::to_string(made_.fetch_add(1, std::memory_order_relaxed) + 1);
}

std::uint64_t names::running_here() const noexcept {
  const worker* const w = workers_.here();
  return w == nullptr ? 0 : w->running_port();
}

}  // namespace aemp::core
