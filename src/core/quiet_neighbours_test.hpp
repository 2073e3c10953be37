// The node, the network and the groups beside a noun that is tested alone: they take everything and do nothing. What a
// test wants to hear of, it overrides.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/gateway.hpp"
#include "core/node_context.hpp"
#include "core/registry.hpp"

namespace aemp::core {

class quiet_node : public node_context {
 public:
  using node_context::node_context;

  void post(std::uint32_t, detail::block* task) override { detail::release(*task); }
  void send(const port_id&, detail::block* b) override { detail::release(*b); }
  void to_node_port(const message&) override {}
  void name_ended(std::string_view, std::uint64_t) override {}
  void was_stillborn(port_id, const message&) override {}
  void loss_was_heard(epoch) override {}
};

class quiet_gateway : public gateway {
 public:
  void send(const port_id&, message&&, epoch) override {}
  bool send_again(const port_id&, const message&) override { return false; }
  void pass_on(const std::string&, const port_id&, message&&) override {}
  void kill(const port_id&, message, epoch) override {}
  void ask(const port_id&, const message&, epoch) override {}
  void monitor(const port_id&) override {}
  void unmonitor(const port_id&) override {}
  std::size_t unsent(const std::string&) const override { return 0; }
  void when_drained(detail::owned&) override {}
  bool is_modern(const std::string&) const override { return true; }
  bool may_be_in(const std::string&, std::string_view) const override { return true; }
  std::vector<std::string> known_nodes() const override { return {}; }
  void close() override {}
};

class quiet_backend : public registry_backend {
 public:
  void local_changed(const family_change&) override {}
  void subscribe(const std::string&) override {}
  void unsubscribe(const std::string&) override {}
  bool is_known(const std::string&) const override { return true; }
  void query(const std::string&, query_kind, std::function<void(const value&)>) override {}
};

}  // namespace aemp::core
