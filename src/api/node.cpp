// The node object: turns a configuration into a core and, unless the node is private, a network around it.
#include <aemp/node.hpp>

#include "api/effective_config.hpp"
#include "api/environment.hpp"
#include "api/hosted_nodes.hpp"
#include "api/names.hpp"
#include "api/network.hpp"
#include "api/services.hpp"
#include "core/local_node.hpp"
#include "service/data_hub.hpp"
#include "service/drain.hpp"
#include "service/inspect.hpp"
#include "service/kept_entries.hpp"
#include "service/log_catcher.hpp"
#include "service/supervisors.hpp"

#include <system_error>

namespace aemp {
namespace {

bool is_private(const config& settings) {
  return settings.profile.empty() && settings.nodeid.empty() && !settings.binds.given() &&
         !settings.seeds.given();
}

// The node's final configuration, with the file's settings if it reads the file.
config with_file(config program, environment& world) {
  if (is_private(program) || program.norc || !world.read_config_file) return program;
  auto file = world.read_config_file();
  if (!file) throw start_error(file.error());
  auto effective = api::effective_config(std::move(program), *file);
  if (!effective) throw start_error(effective.error());
  return std::move(*effective);
}

config checked(config settings) {
  if (auto good = api::check_config(settings); !good) throw start_error(good.error());
  return settings;
}

core::node_settings core_settings(const config& settings, bool networked, environment& world) {
  return {
      networked ? api::node_id_of(settings, world) : api::private_node_id(),
      api::random_word(world, 12),
      settings.secure,
      settings.limits,
      {settings.workers.value_or(1), settings.network_thread, &world.clock,
       [&world, networked](unsigned i, bool network) { return world.make_poller(i, networked && network); },
       settings.spin.value_or(core::duration::zero())},
      settings.memory_limit,
      settings.memory_full != "fail"};
}

}  // namespace

struct node::parts {
  parts(config wanted, environment& where)
      : world(where),
        networked(!is_private(wanted)),
        settings(checked(with_file(std::move(wanted), where))),
        core(core_settings(settings, networked, where)) {
    core.extend(std::make_unique<service::log_catcher>(core));
    core.extend(std::make_unique<service::data_hub>(core));
    core.extend(std::make_unique<service::inspect>(core, settings.inspect.value_or(!settings.secure)));
    core.extend(std::make_unique<service::kept_entries>(core));
    core.extend(std::make_unique<service::supervisors>());
    core.extend(std::make_unique<service::drain>(core));
    if (networked) {
      net = std::make_unique<api::network>(core, settings, world);
      net->configure(settings);
    }
  }

  // Ports end while there still is a network to tell, and the network while there still are workers.
  ~parts() {
    if (host != nullptr) host->nodes().remove(core);
    core.let_nobody_in();
    if (net != nullptr) net->close();
    core.shut_down();
    net.reset();
  }

  void open_network() {
    if (net != nullptr) return;
    core.network_worker().set_poller(world.make_poller(0, true));
    net = std::make_unique<api::network>(core, settings, world);
  }

  environment& world;
  const bool networked;  // from the start
  const config settings;
  detail::local_node core;
  std::unique_ptr<api::network> net;
  bool services_started = false;
  polled_host* host = nullptr;
};

node::node(config settings) : node(std::move(settings), machine_environment()) {}

// Services may fail to start; then the host must not know this node yet.
node::node(config settings, polled_host& host) : node(std::move(settings), host.nodes().where()) {
  api::start_services(parts_->core, parts_->settings.services);
  host.nodes().add(parts_->core);
  parts_->host = &host;
}

node::node(config settings, environment& where) : node(std::make_unique<parts>(std::move(settings), where)) {}

node::node(std::unique_ptr<parts> p) : supervisor_functions(p->core), parts_(std::move(p)) {}

node::~node() = default;

int node::run() {
  if (!parts_->world.drives_its_nodes.empty())
    throw std::logic_error("node::run: " + parts_->world.drives_its_nodes);
  if (!std::exchange(parts_->services_started, true))
    api::start_services(parts_->core, parts_->settings.services);
  try {
    const int code = parts_->core.run();
    parts_->core.extension<service::drain>().forget();
    return code;
  } catch (const std::system_error& e) {
    throw start_error({"no_thread", "node " + id() + " cannot start its " +
                                        std::to_string(parts_->core.worker_count()) +
                                        " threads: " + e.code().message() +
                                        "; ask for fewer workers, or raise the limits of this process"});
  }
}

void node::stop(int code) { parts_->core.stop(code); }

void node::drain(std::chrono::nanoseconds limit, int code) {
  parts_->core.extension<service::drain>().begin(limit, code);
}

bool node::drained() const noexcept { return parts_->core.extension<service::drain>().all_out(); }

void node::become_public(std::string_view noderef) {
  if (parts_->net != nullptr && !parts_->net->listening().empty()) return;
  parts_->open_network();
  parts_->net->become_public(noderef);
}

void node::become_slave(std::string_view noderef) {
  parts_->open_network();
  parts_->net->become_slave(parts_->networked ? parts_->core.id() : api::random_word(parts_->world, 12),
                            noderef);
}

std::vector<std::string> node::listening() const {
  return parts_->net == nullptr ? std::vector<std::string>() : parts_->net->listening();
}

}  // namespace aemp
