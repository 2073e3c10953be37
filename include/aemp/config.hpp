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
  string_list() : items_(std::in_place) {}  // given, and empty
  static string_list not_given() {
    string_list list;
    list.items_.reset();
    return list;
  }
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
  std::string nodeid = {};   // "anon/" is completed at random; default: the profile or host name, completed at random

  // Endpoints to listen on, "host:port" ("*" for every address of this machine, port "*" or 0 for any). Given but empty: listen
  // nowhere, only connect. Default: 127.0.0.1:*, so that nobody is reachable from outside by accident. A node for which none of
  // profile, nodeid, binds and seeds is given is private.
  string_list binds = string_list::not_given();
  string_list seeds = string_list::not_given();  // endpoints of nodes to connect to, "host:port"

  std::optional<std::string> secret = {};  // shared by all nodes; default: the file ~/.aemp-secret, else none
  std::string cert = {};                   // PEM text: certificate(s) and key; then connections are TLS 1.3

  std::optional<std::chrono::nanoseconds> monitor_timeout = {};   // default 30 s: unreachable that long is dead
  std::optional<std::chrono::nanoseconds> connect_interval = {};  // default 2 s between attempts

  // Best first. Defaults: framing cbor, json; every authentication that protects the secret.
  string_list framing_format = string_list::not_given();
  string_list auth_offer = string_list::not_given();
  string_list auth_accept = string_list::not_given();  // add "cleartext" to let nodes in that send the secret as it is

  unsigned workers = 1;  // threads; 0: one per core
};

}  // namespace aemp
