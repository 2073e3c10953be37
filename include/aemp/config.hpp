// What a node is made with. Everything has a default; an empty configuration is a private node, which opens nothing.
#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aemp {

// A list that knows whether it was given at all: no binds is something else than an empty list of binds.
class string_list {
 public:
  string_list() = default;
  string_list(std::initializer_list<std::string> items) : items_(items) {}
  string_list(std::vector<std::string> items) : items_(std::move(items)) {}

  bool given() const noexcept { return items_.has_value(); }
  const std::vector<std::string>& items() const noexcept {
    static const std::vector<std::string> none;
    return items_ ? *items_ : none;
  }

 private:
  std::optional<std::vector<std::string>> items_;
};

struct config {
  std::string profile = {};  // named settings in the configuration file
  std::string nodeid = {};   // "anon/" makes one up; default: the profile, else made up

  // Endpoints to listen on, "host:port" ("*" for every address, port 0 for any). Given but empty: listen nowhere, only connect. With
  // neither binds nor seeds the node is private; with seeds only, binds are 127.0.0.1:* (api: Nodes).
  string_list binds = {};
  string_list seeds = {};  // endpoints of nodes to connect to, "host:port"

  std::optional<std::string> secret = {};  // shared by all nodes; default: the file ~/.aemp-secret, else none
  std::string cert = {};                   // PEM text: certificate(s) and key; then connections are TLS 1.3

  std::optional<std::chrono::nanoseconds> monitor_timeout = {};   // default 30 s: unreachable that long is dead
  std::optional<std::chrono::nanoseconds> connect_interval = {};  // default 2 s between attempts

  // Best first. Defaults: framing cbor, json; every authentication that protects the secret.
  string_list framing_format = {};
  string_list auth_offer = {};
  string_list auth_accept = {};  // add "cleartext" to let nodes in that send the secret as it is

  unsigned workers = 1;  // threads; 0: one per core
};

}  // namespace aemp
