#include "core/presence.hpp"

namespace aemp::core {
namespace {

message news_of(const std::string& node, bool up, const message& reason) {
  std::vector<value> elements{node, up};
  for (value& v : reason.elements()) elements.push_back(std::move(v));
  return message::of(std::move(elements));
}

}  // namespace

void presence::came(const std::string& node) {
  if (!up_.lock()->insert(node).second) return;
  const message news = news_of(node, true, {});
  watches_.for_each([&](detail::owned& o) { o.fire(news); });
}

void presence::went(const std::string& node, const message& reason, bulletin& news) {
  if (up_.lock()->erase(node) == 0) return;
  const message down = news_of(node, false, reason);
  watches_.for_each([&](detail::owned& o) { news.add(o, down); });
}

std::vector<std::string> presence::up() const {
  const auto up = up_.shared();
  return {up->begin(), up->end()};
}

void presence::watch(detail::owned* o) {
  workers_.on(workers_.network(), [this, o, keep = (detail::retain(o), handle(o))] {
    if (!o->over.load(std::memory_order_acquire)) watches_.push(*o, o->watched_hook);
  });
}

}  // namespace aemp::core
