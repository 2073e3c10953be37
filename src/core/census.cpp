#include "core/census.hpp"

#include <algorithm>
#include <unordered_map>

#include "core/extras.hpp"

namespace aemp::core {
namespace {

constexpr std::uint32_t most_places = 4096;  // slots of the table, for one page
constexpr std::size_t most_items = 16384;    // monitors and belongings, for one page
constexpr std::size_t most_waiting = 16384;  // blocks of the queue
constexpr std::size_t most_busy_ports = 20;

std::size_t count(const owned_list& list, std::size_t& budget) {
  std::size_t n = 0;
  list.for_each_of_first(budget, [&](const detail::owned&) { ++n; });
  budget -= n;
  return n;
}

}  // namespace

namespace {

std::vector<std::string> contract_of(const handler_table& handlers, std::size_t& items) {
  std::vector<std::string> messages;
  handlers.for_each_tag([&](const handler_table::entry& e) {
    if (e.handler->ops->describe == nullptr || items == 0) return;
    messages.push_back(e.handler->ops->describe());
    --items;
  });
  std::ranges::sort(messages);
  return messages;
}

}  // namespace

port_page count_ports(port_space& of, std::uint32_t from, std::size_t most) {
  port_page page;
  std::size_t items = most_items;
  page.next = of.table().scan(std::max(from, std::uint32_t{1}), most_places,
                              [&](std::uint64_t number, port_entry& e) {
                                if (page.ports.size() == most || items == 0) return false;
                                port_facts& facts = page.ports.emplace_back();
                                facts.dropped = e.dropped;
                                facts.is_call = e.what == port_entry::state::reply;
                                port_extras* const extras = facts.is_call ? nullptr : e.extras;
                                facts.port = of.id_of(number, extras);
                                if (e.handlers != nullptr) {
                                  facts.handlers = e.handlers->size();
                                  facts.contract = contract_of(*e.handlers, items);
                                }
                                if (e.what == port_entry::state::limited) {
                                  facts.is_limited = true;
                                  facts.waiting = extras->in()->waiting();
                                  facts.refused = extras->in()->dropped();
                                }
                                if (extras != nullptr) {
                                  facts.monitors = count(extras->monitors, items);
                                  facts.owns = count(extras->belongings, items);
                                }
                                return true;
                              });
  return page;
}

queue_facts count_queue(port_space& of) {
  queue_facts facts;
  std::unordered_map<std::uint64_t, std::size_t> by_port;
  of.queue().for_each([&](const detail::block& b) {
    facts.more = facts.waiting == most_waiting;
    if (facts.more) return false;
    ++facts.waiting;
    if (b.port != 0) ++by_port[b.port];
    return true;
  });
  std::vector<std::pair<std::size_t, std::uint64_t>> order;
  for (const auto& [port, n] : by_port) order.emplace_back(n, port);
  const std::size_t size = std::min(order.size(), most_busy_ports);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(size), order.end(),
                    std::greater<>());
  order.resize(size);
  for (const auto& [n, port] : order) {
    facts.ports.emplace_back(of.id_of(port), n);
  }
  return facts;
}

}  // namespace aemp::core
