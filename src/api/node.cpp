// The node object: turns a configuration into a core, and, unless the node is private, into a network around it.
#include <aemp/node.hpp>

#include "api/environment.hpp"
#include "api/names.hpp"
#include "api/network.hpp"
#include "core/local_node.hpp"

namespace aemp {
namespace {

bool is_private(const config& settings) {
  return settings.profile.empty() && settings.nodeid.empty() && !settings.binds.given() && !settings.seeds.given();
}

detail::core_settings core_settings(const config& settings, environment& world) {
  const bool networked = !is_private(settings);
  return {networked ? node_id_of(settings, world) : private_node_id(), random_word(world, 12), settings.workers,
          &world.clock, [&world, networked](unsigned i) { return world.make_poller(i, networked && i == 0); }};
}

}  // namespace

struct node::parts {
  parts(config wanted, environment& where)
      : world(where), settings(std::move(wanted)), core(core_settings(settings, where)) {
    if (!is_private(settings)) {
      net = std::make_unique<network>(core, settings, world);
      net->configure(settings);
    }
  }

  // Ports end while there is still a network to speak of, and the network while there are still workers.
  ~parts() {
    if (net != nullptr) net->close();
    core.shut_down();
    net.reset();
  }

  environment& world;
  const config settings;
  detail::local_node core;
  std::unique_ptr<network> net;
};

node::node(config settings) : node(std::move(settings), machine_environment()) {}

node::node(config settings, environment& where) : node(std::make_unique<parts>(std::move(settings), where)) {}

node::node(std::unique_ptr<parts> p) : node_functions(p->core), parts_(std::move(p)) {}

node::~node() = default;

int node::run() { return parts_->core.run(); }

void node::stop(int code) { parts_->core.stop(code); }

void node::become_public(std::string_view noderef) {
  if (parts_->net != nullptr && !parts_->net->listening().empty()) return;
  if (parts_->net == nullptr) {
    parts_->core.network_worker().set_poller(parts_->world.make_poller(0, true));
    parts_->net = std::make_unique<network>(parts_->core, parts_->settings, parts_->world);
  }
  parts_->net->become_public(noderef);
}

std::vector<std::string> node::listening() const {
  return parts_->net == nullptr ? std::vector<std::string>() : parts_->net->listening();
}

}  // namespace aemp
