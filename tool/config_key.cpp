#include "tool/config_key.hpp"

#include "api/effective_config.hpp"
#include "wire/framing.hpp"

namespace aemp::tool {
namespace {

using kind = config_key::kind;

value::array cut(std::string_view list) {
  value::array items;
  while (true) {
    const std::size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) items.emplace_back(item);
    if (comma == std::string_view::npos) return items;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

const std::vector<config_key>& config_keys() {
  static const std::vector<config_key> keys = {
      {"nodeid", kind::text, "NODEID", "the ID of the node", "srv/%n", "",
       "%n is the host's name, %u a random word; a / at the end gets a random word, too."},
      {"secret", kind::text, "SECRET", "what all nodes of the network share", "geheim", "",
       "What is typed here stays in the history of the shell; aemp gensecret makes one up."},
      {"cert", kind::text, "FILE", "the certificates and the key of the node, from a file", "srv.pem", "",
       "The file is PEM: certificates first, then the key of the first one."},
      {"binds", kind::list, "LIST", "where to listen, host:port and commas", "*:4040,10.0.0.1:*", "bind",
       "* is every address, or any free port. An empty list, '[]', is to listen nowhere."},
      {"seeds", kind::list, "LIST", "nodes to connect to, host:port and commas",
       "10.0.0.1:4040,10.0.0.2:4040", "seed"},
      {"services", kind::services, "LIST", "functions to call when the node begins to run",
       R"([["chat::serve",7],"log::start"])", "service",
       "Each is a name, or a JSON list of a name and arguments."},
      {"parent", kind::text, "PROFILE", "the profile that a profile builds on", "server"},
      {"monitor_timeout", kind::text, "SECONDS", "after how long a node that cannot be reached is dead",
       "10"},
      {"connect_interval", kind::text, "SECONDS", "the time between attempts to connect to a node", "1"},
      {"framing_format", kind::list, "LIST", "the framings, best first", "cbor,json"},
      {"auth_offer", kind::list, "LIST", "the ways to prove who we are", "tls_sha3_512,hmac_sha3_512"},
      {"auth_accept", kind::list, "LIST", "the ways in which others may prove who they are", "hmac_sha3_512"},
      {"autocork", kind::text, "BOOL", "a switch of Perl nodes", "1"},
      {"nodelay", kind::text, "BOOL", "a switch of Perl nodes", "1"},
      {"secure", kind::text, "BOOL", "whether other nodes are refused when they call functions", "1"},
      {"eval", kind::text, "CODE", "what Perl nodes evaluate when they start", "use Chat", "", "", false},
      {"inspect", kind::text, "BOOL", "whether other nodes may look at this one", "0"},
      {"encryption", kind::text, "MODE", "whether to encrypt without certificates: auto, required or off",
       "required"},
      {"global", kind::text, "BOOL", "whether the node holds the whole database from the start", "1"},
      {"global_versions", kind::list, "LIST", "the versions of the global protocol to speak", "1,2"},
      {"workers", kind::text, "COUNT", "the number of threads, 0 for one per core", "4"},
      {"spin", kind::text, "MICROSECONDS", "how long a thread looks for work before it sleeps", "50"},
  };
  return keys;
}

value::array elements_of(const value& list) {
  if (list.type() == value::kind::array) return list.elements();
  return list.is_null() ? value::array() : cut(list.to_string());
}

value stored(const config_key& key, const value& argument) {
  if (key.what == kind::text || argument.type() == value::kind::array) return argument;
  return value(elements_of(argument));
}

result<void> check_setting(const config_key& key, const value& content) {
  const value::map one = {{key.name, content}};
  const auto file = config_file::parse(value(one).to_json(), "the new setting");
  if (!file) return file.error();
  const auto effective = effective_config(config{}, *file);
  if (!effective) return effective.error();
  return {};
}

const value::map& built_in_settings() {
  static const value::map settings = {
      {"encryption", "auto"},
      {"binds", value(value::array{"127.0.0.1:*"})},
      {"seeds", value(value::array{})},
      {"services", value(value::array{})},
      {"monitor_timeout", 30},
      {"connect_interval", 2},
      {"framing_format", value(value::array(wire::all_framings.begin(), wire::all_framings.end()))},
      {"secure", false},
      {"global", false},
      {"global_versions", value(value::array{"1", "2"})},
      {"workers", 1},
      {"spin", 0},
  };
  return settings;
}

}  // namespace aemp::tool
