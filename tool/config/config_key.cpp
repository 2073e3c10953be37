#include "tool/config/config_key.hpp"

#include <algorithm>

#include "api/effective_config.hpp"
#include "api/similar.hpp"
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
      {"autocork", kind::truth, "BOOL", "a switch of Perl nodes", "true"},
      {"nodelay", kind::truth, "BOOL", "a switch of Perl nodes", "true"},
      {"secure", kind::truth, "BOOL", "whether other nodes are refused when they call functions", "true"},
      {"eval", kind::text, "CODE", "what Perl nodes evaluate when they start", "use Chat", "", "", false},
      {"inspect", kind::truth, "BOOL", "whether other nodes may look at this one", "false"},
      {"encryption", kind::text, "MODE", "whether to encrypt without certificates: auto, required or off",
       "required"},
      {"global", kind::truth, "BOOL", "whether the node holds the whole database from the start", "true"},
      {"global_versions", kind::list, "LIST", "the versions of the global protocol to speak", "1,2"},
      {"workers", kind::text, "COUNT", "the number of threads, 0 for one per core", "4"},
      {"network_thread", kind::truth, "BOOL", "whether the network has a thread of its own", "true"},
      {"allow_weak_secret", kind::truth, "BOOL", "whether a short secret is good enough between machines",
       "true"},
      {"limits", kind::text, "MAP", "what others may make the node hold", R"({"max_message":1000000})"},
      {"spin", kind::text, "MICROSECONDS", "how long a thread looks for work before it sleeps", "50"},
  };
  return keys;
}

value::array elements_of(const value& list) {
  if (list.type() == value::kind::array) return list.elements();
  return list.is_null() ? value::array() : cut(list.to_string());
}

result<value> setting_for(const config_key& key, const value& argument) {
  value content = argument;
  if (key.what == kind::truth) {
    if (const auto truth = truth_of(argument)) content = value(*truth);
  } else if (key.what != kind::text && argument.is_text()) {
    content = value(elements_of(argument));
  }
  if (auto good = check_setting(key, content); !good) return good.error();
  return content;
}

result<void> check_setting(const config_key& key, const value& content) {
  if (key.what == kind::truth && !truth_of(content))
    return error{"bad_setting", key.name + " is " + content.to_json() + ", true or false is expected"};
  const value::map one = {{key.name, content}};
  const auto file = config_file::parse(value(one).to_json(), "the new setting");
  if (!file) return file.error();
  config_remarks remarks;
  const auto effective = effective_config(config{}, *file, remarks);
  if (!effective) return effective.error();
  // What a node would skip is no mistake in a file that others read, too; who types it should know.
  for (const config_remark& remark : remarks) {
    if (remark.level <= 2) return error{"bad_setting", remark.what + remark.hint};
  }
  return {};
}

result<value::map> settings_of_pairs(std::span<const value> pairs) {
  value::map settings;
  if (pairs.size() % 2 != 0)
    return error{"missing_argument", "the key " + pairs.back().to_string() + " has no value"};
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    const std::string key = pairs[i].to_string();
    if (find_setting_rule(key) == nullptr && why_without_effect(key).empty())
      return error{"unknown_key",
                   "there is no key '" + key + "' of the configuration" + did_you_mean(similar_keys(key))};
    const auto known = std::ranges::find(config_keys(), key, &config_key::name);
    if (known != config_keys().end()) {
      if (auto good = check_setting(*known, pairs[i + 1]); !good) return good.error();
    }
    settings.insert_or_assign(key, pairs[i + 1]);
  }
  return settings;
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
