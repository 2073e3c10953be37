// The node object: turns a configuration into a core, and, unless the node is private, into a network around it.
#include <aemp/node.hpp>

#include <array>
#include <stdexcept>

#include "api/environment.hpp"
#include "api/names.hpp"
#include "api/secret.hpp"
#include "core/local_node.hpp"

namespace aemp {
namespace {

bool is_private(const config& settings) {
  return settings.profile.empty() && settings.nodeid.empty() && !settings.binds.given() && !settings.seeds.given();
}

}  // namespace

struct node::parts {
  parts(config settings, environment& where);

  environment& world;
  const config settings;
  detail::local_node core;
};

node::parts::parts(config wanted, environment& where)
    : world(where),
      settings(std::move(wanted)),
      core({is_private(settings) ? private_node_id() : node_id_of(settings, where), random_word(where, 12), settings.workers,
            &where.clock, [&](unsigned i) { return where.make_poller(i, i == 0); }}) {}

node::node(config settings) : node(std::move(settings), machine_environment()) {}

node::node(config settings, environment& where)
    : node(std::make_unique<parts>(std::move(settings), where)) {}

node::node(std::unique_ptr<parts> p) : node_functions(p->core), parts_(std::move(p)) {}

node::~node() = default;

int node::run() { return parts_->core.run(); }

void node::stop(int code) { parts_->core.stop(code); }

std::vector<std::string> node::listening() const { return {}; }

}  // namespace aemp
