#include "api/network.hpp"

#include <algorithm>

#include <aemp/log.hpp>
#include <aemp/node.hpp>

#include "api/secret.hpp"
#include "net/endpoint_list.hpp"
#include "net/tls.hpp"
#include "service/data_hub.hpp"
#include "service/inspect.hpp"
#include "wire/framing.hpp"

namespace aemp::api {
namespace {

template <class T>
T or_throw(result<T> r) {
  if (!r) throw start_error(r.error());
  return std::move(*r);
}

void check(const result<void>& good) {
  if (!good) throw start_error(good.error());
}

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) {
    if (!out.empty()) out += ',';
    out += item;
  }
  return out;
}

std::vector<wire::auth_method> auth_methods(const string_list& names, const char* key) {
  std::vector<wire::auth_method> methods;
  for (const std::string& name : names.items()) {
    const auto method = wire::auth_method_named(name);
    if (!method) {
      std::string known;
      for (wire::auth_method m : wire::all_auth_methods) known += " " + std::string(wire::to_text(m));
      throw start_error({"unknown_auth_method", std::string(key) + ": there is no authentication method '" +
                                                    name + "'; there are:" + known});
    }
    methods.push_back(*method);
  }
  return methods;
}

void check_framings(const std::vector<std::string>& names) {
  const auto refuse = [](const std::string& why) {
    throw start_error(
        {"unknown_framing", "framing_format: " + why + "; there are: cbor json storable aemp1"});
  };
  if (names.empty()) refuse("the list is empty");
  for (const std::string& name : names) {
    if (wire::make_encoder(name) == nullptr) refuse("there is no framing '" + name + "'");
  }
}

mesh::encryption_mode encryption_mode(const std::string& name) {
  if (name.empty() || name == "auto") return mesh::encryption_mode::automatic;
  if (name == "required") return mesh::encryption_mode::required;
  if (name == "off") return mesh::encryption_mode::off;
  throw start_error(
      {"unknown_encryption", "encryption: there is no '" + name + "'; there are: auto required off"});
}

core::duration positive(std::chrono::nanoseconds d, const char* key) {
  if (d <= core::duration::zero())
    throw start_error({"bad_duration", std::string(key) + " has to be above zero"});
  return d;
}

mesh::settings mesh_settings(const config& from, net::transport& transport) {
  mesh::settings to;
  to.secret = or_throw(find_secret(from)).value_or("");
  if (!from.cert.empty()) {
    to.tls.pem = from.cert;
    check(net::check_tls(to.tls));
  }
  if (to.secret.empty() && from.cert.empty()) {
    log(2,
        "no secret and no certificate: no other node will be able to connect; set config.secret, or write a "
        "secret to "
        "~/.aemp-secret on each node (and chmod 600 it)");
  }
  to.encryption = encryption_mode(from.encryption);
  if (from.auth_offer.given()) to.auth_offer = auth_methods(from.auth_offer, "auth_offer");
  if (from.auth_accept.given()) to.auth_accept = auth_methods(from.auth_accept, "auth_accept");
  to.framings.assign(wire::all_framings.begin(), wire::all_framings.end());
  if (from.framing_format.given()) {
    check_framings(from.framing_format.items());
    to.framings = from.framing_format.items();
  }
  if (from.monitor_timeout) to.monitor_timeout = positive(*from.monitor_timeout, "monitor_timeout");
  if (from.connect_interval) to.connect_interval = positive(*from.connect_interval, "connect_interval");
  to.limits = from.limits;
  to.global = from.global;
  if (from.global_versions.given()) {
    const auto& spoken = from.global_versions.items();
    to.global_1 = std::ranges::count(spoken, "1") != 0;
    to.global_2 = std::ranges::count(spoken, "2") != 0;
    if (std::ranges::any_of(spoken, [](const std::string& v) { return v != "1" && v != "2"; }))
      throw start_error({"unknown_global_version", "global_versions: there are 1 and 2"});
  }
  if (!from.seeds.items().empty())
    to.seeds = or_throw(net::seed_places(joined(from.seeds.items()), transport));
  return to;
}

}  // namespace

network::network(detail::local_node& core, const config& settings, environment& world)
    : core_(core), transport_(world.make_transport(core.network_worker())) {
  core::worker::scope here(core_.network_worker());
  mesh::settings made = mesh_settings(settings, *transport_);
  if (!settings.allow_weak_secret) secret_bytes_ = made.secret.size();
  made.stays_here = is_weak_secret(secret_bytes_);
  for (const std::string& seed : settings.seeds.items()) check(check_strength(secret_bytes_, seed));
  if (!made.tls.pem.empty()) certified_ = net::names_certified_in(made.tls.pem);
  check(mesh::check_node_name(certified_, core_.id(), "config.cert"));
  mesh_ = std::make_unique<mesh::mesh>(core_, *transport_, std::move(made), world.random);
  core_.set_gateway(mesh_.get());
  core_.extension<service::data_hub>().attach(*mesh_);
  core_.extension<service::inspect>().attach(mesh_.get());
}

network::~network() {
  core::worker::scope here(core_.network_worker());
  core_.set_gateway(nullptr);
  core_.extension<service::inspect>().attach(nullptr);
  mesh_.reset();
  transport_.reset();
}

void network::configure(const config& settings) {
  core::worker::scope here(core_.network_worker());
  const std::string binds = settings.binds.given() ? joined(settings.binds.items()) : "127.0.0.1:*";
  if (!binds.empty()) {
    net::resolved_list places = or_throw(net::resolve_binds(binds, *transport_));
    for (const std::string& warning : places.warnings) log(2, "binds: " + warning);
    listen(places.endpoints);
  }
  start();
}

void network::start() {
  if (!std::exchange(started_, true)) mesh_->start();
}

void network::become_public(std::string_view noderef) {
  core::worker::scope here(core_.network_worker());
  net::resolved_list places = or_throw(net::normalise_noderef(noderef, *transport_));
  for (const std::string& warning : places.warnings) log(2, "become_public: " + warning);
  check(mesh::check_node_name(certified_, net::join(places.endpoints), "config.cert"));
  listen(places.endpoints);
  core_.names().rename(joined(listening_));
  mesh_->renamed();
  start();
}

void network::become_slave(const std::string& id, std::string_view noderef) {
  core::worker::scope here(core_.network_worker());
  if (hidden_) return;
  if (!listening_.empty()) {
    throw start_error({"already_listening", "become_slave: node " + core_.id() + " listens on " +
                                                joined(listening_) +
                                                ", and a hidden node listens nowhere; give it binds = {}"});
  }
  net::resolved_list places = or_throw(net::normalise_noderef(noderef, *transport_));
  for (const std::string& warning : places.warnings) log(2, "become_slave: " + warning);
  std::vector<std::string> master;
  for (const net::endpoint& e : places.endpoints) {
    check(check_strength(secret_bytes_, e.str()));
    master.push_back(e.str());
  }
  check(mesh::check_node_name(certified_, id, "config.cert"));
  hidden_ = true;
  core_.names().rename(id + "@" + joined(master));
  mesh_->renamed();
  mesh_->follow(places.endpoints);
  start();
}

void network::close() {
  core::worker::scope here(core_.network_worker());
  mesh_->close();
}

void network::listen(const std::vector<net::endpoint>& at) {
  for (const net::endpoint& e : at) check(check_strength(secret_bytes_, e.str()));
  for (const net::endpoint& e : or_throw(mesh_->listen(at))) {
    listening_.push_back(e.str());
    log(7, "node " + core_.id() + " listens on " + e.str());
  }
}

}  // namespace aemp::api
