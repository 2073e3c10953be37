#include "api/config_key.hpp"

#include <algorithm>

#include "api/limit_rules.hpp"
#include "api/similar.hpp"
#include "net/endpoint_list.hpp"
#include "wire/framing.hpp"

namespace aemp::api {
namespace {

using kind = config_key::kind;
using remarks = config_remarks;

constexpr config_key keys[] = {
    {.name = "nodeid",
     .page = "The node's ID. Only one process can have it: a profile for several has none, or one that ends "
             "in `/`. `%n` is the host's name, `%u` a random word; a `/` at the end gets one, too. Not: "
             "`#`, `;`, control characters; 255 bytes at most",
     .page_default = "profile or host name, `/`, a random word",
     .argument = "NODEID",
     .meaning = "the ID of the node",
     .example = "srv/%n",
     .details = "%n is the host's name, %u a random word; a / at the end gets a random word, too.",
     .given = [](const config& c) { return !c.nodeid.empty(); },
     .take = [](const value& v, config& c, remarks&) { return take_node_id(v, c.nodeid); }},
    {.name = "secret",
     .page = "What all nodes of the network share",
     .page_default = "the whole of `~/.aemp-secret`, else none",
     .argument = "SECRET",
     .meaning = "what all nodes of the network share",
     .example = "geheim",
     .details = "What is typed here stays in the history of the shell; aemp gensecret makes one up.",
     .given = [](const config& c) { return c.secret.has_value(); },
     .take = [](const value& v, config& c, remarks&) { return take_text(v, c.secret.emplace()); }},
    {.name = "cert",
     .page = "Certificates and key, PEM text; then connections are TLS 1.3",
     .page_default = "none",
     .argument = "FILE",
     .meaning = "the certificates and the key of the node, from a file",
     .example = "srv.pem",
     .details = "The file is PEM: certificates first, then the key of the first one.",
     .given = [](const config& c) { return !c.cert.empty(); },
     .take = [](const value& v, config& c, remarks&) -> result<void> {
       if (!v.is_text()) return error{"bad_setting", "a text, certificates and key in PEM, is expected"};
       return take_text(v, c.cert);
     }},
    {.name = "allow_weak_secret",
     .what = kind::truth,
     .page = "Permits a secret of less than 16 bytes between machines. Without it, a node with such a "
             "secret does not start when it listens or has seeds at other than loopback addresses, and has "
             "no connections with any",
     .page_default = "false",
     .built_in = "false",
     .argument = "BOOL",
     .meaning = "whether a short secret is good enough between machines",
     .example = "true",
     .given = [](const config& c) { return c.allow_weak_secret; },
     .take = [](const value& v, config& c, remarks&) { return take_truth(v, c.allow_weak_secret); }},
    {.name = "encryption",
     .page = "Whether connections without certificates are encrypted with a key made from the secret: "
             "`auto`, `required` or `off`; see below",
     .page_default = "`auto`",
     .built_in = R"("auto")",
     .argument = "MODE",
     .meaning = "whether to encrypt without certificates: auto, required or off",
     .example = "required",
     .given = [](const config& c) { return !c.encryption.empty(); },
     .take = [](const value& v, config& c, remarks&) { return take_encryption(v, c.encryption); }},
    {.name = "binds",
     .what = kind::list,
     .page = "Where to listen: `host:port`, `*` for every address or any port; `[::1]:4040` for IPv6. `[]`: "
             "do not listen",
     .page_default = "`127.0.0.1:*`",
     .built_in = R"(["127.0.0.1:*"])",
     .argument = "LIST",
     .meaning = "where to listen, host:port and commas",
     .example = "*:4040,10.0.0.1:*",
     .details = "* is every address, or any free port. An empty list, '[]', is to listen nowhere.",
     .item = "bind",
     .given = [](const config& c) { return c.binds.given(); },
     .take = [](const value& v, config& c, remarks&) { return take_places(v, c.binds, net::check_binds); }},
    {.name = "seeds",
     .what = kind::list,
     .page = "Nodes to connect to: `host:port`, both given. A host name is looked up at each attempt; "
             "without an answer the node starts and goes on",
     .page_default = "none",
     .built_in = "[]",
     .argument = "LIST",
     .meaning = "nodes to connect to, host:port and commas",
     .example = "10.0.0.1:4040,10.0.0.2:4040",
     .item = "seed",
     .given = [](const config& c) { return c.seeds.given(); },
     .take = [](const value& v, config& c, remarks&) { return take_places(v, c.seeds, net::check_seeds); }},
    {.name = "services",
     .what = kind::services,
     .page =
         "Functions to call when the node begins to run: `\"func\"` or `[\"func\", argument…]`. The program "
         "has given them to `define`; unknown ones are logged and skipped, names ending in `::` "
         "(modules), too. `aemp run` loads them, see below",
     .page_default = "none",
     .built_in = "[]",
     .argument = "LIST",
     .meaning = "functions to call when the node begins to run",
     .example = R"([["chat::serve",7],"log::start"])",
     .details = "Each is a name, or a JSON list of a name and arguments.",
     .item = "service",
     .given = [](const config& c) { return !c.services.empty(); },
     .take = [](const value& v, config& c, remarks&) { return take_services(v, c.services); }},
    {.name = "monitor_timeout",
     .page = "Seconds, at least 0.1: a node that has been unreachable for this long is dead",
     .page_default = "30",
     .built_in = "30",
     .argument = "SECONDS",
     .meaning = "after how long a node that cannot be reached is dead",
     .example = "10",
     .given = [](const config& c) { return c.monitor_timeout.has_value(); },
     .take = [](const value& v, config& c, remarks&) { return take_monitor_timeout(v, c.monitor_timeout); }},
    {.name = "connect_interval",
     .page = "Seconds, at least 0.01, between attempts to connect to a node",
     .page_default = "2",
     .built_in = "2",
     .argument = "SECONDS",
     .meaning = "the time between attempts to connect to a node",
     .example = "1",
     .given = [](const config& c) { return c.connect_interval.has_value(); },
     .take = [](const value& v, config& c,
                remarks&) { return take_connect_interval(v, c.connect_interval); }},
    {.name = "framing_format",
     .what = kind::list,
     .page = "Best first: `aemp1`, which only nodes of this library have, `cbor`, `json`, `storable`",
     .page_default = "all four, in that order",
     .built_in = R"(["aemp1","cbor","json","storable"])",
     .argument = "LIST",
     .meaning = "the framings, best first",
     .example = "cbor,json",
     .given = [](const config& c) { return c.framing_format.given(); },
     .take =
         [](const value& v, config& c, remarks& r) {
           return take_known(v, "framing_format", {wire::all_framings.begin(), wire::all_framings.end()},
                             c.framing_format, r);
         }},
    {.name = "auth_offer",
     .what = kind::list,
     .page = "The ways to prove who we are, best first",
     .page_default = "all that protect the secret",
     .argument = "LIST",
     .meaning = "the ways to prove who we are",
     .example = "tls_sha3_512,hmac_sha3_512",
     .given = [](const config& c) { return c.auth_offer.given(); },
     .take = [](const value& v, config& c,
                remarks& r) { return take_methods(v, "auth_offer", c.auth_offer, r); }},
    {.name = "auth_accept",
     .what = kind::list,
     .page = "The ways in which others may prove who they are",
     .page_default = "all that protect the secret",
     .argument = "LIST",
     .meaning = "the ways in which others may prove who they are",
     .example = "hmac_sha3_512",
     .given = [](const config& c) { return c.auth_accept.given(); },
     .take = [](const value& v, config& c,
                remarks& r) { return take_methods(v, "auth_accept", c.auth_accept, r); }},
    {.name = "secure",
     .what = kind::truth,
     .page = "Refuses calls of functions by other nodes, and so spawns",
     .page_default = "false",
     .built_in = "false",
     .argument = "BOOL",
     .meaning = "whether other nodes are refused when they call functions",
     .example = "true",
     .given = [](const config& c) { return c.secure; },
     .take = [](const value& v, config& c, remarks&) { return take_truth(v, c.secure); }},
    {.name = "inspect",
     .what = kind::truth,
     .page = "Lets other nodes inspect this one: ports, queues, connections, groups, but no messages (`aemp "
             "top`, `docs/protocol.md`)",
     .page_default = "true unless `secure`",
     .argument = "BOOL",
     .meaning = "whether other nodes may look at this one",
     .example = "false",
     .given = [](const config& c) { return c.inspect.has_value(); },
     .take = [](const value& v, config& c, remarks&) { return take_truth(v, c.inspect.emplace()); }},
    {.name = "global",
     .what = kind::truth,
     .page = "Makes the node a global node from the start: one that holds the whole database. Otherwise it "
             "becomes one when another node has it as a seed",
     .page_default = "false",
     .built_in = "false",
     .argument = "BOOL",
     .meaning = "whether the node holds the whole database from the start",
     .example = "true",
     .given = [](const config& c) { return c.global; },
     .take = [](const value& v, config& c, remarks&) { return take_truth(v, c.global); }},
    {.name = "global_versions",
     .what = kind::list,
     .page = "Versions of the protocol for groups and the database, `1` and `2`; each peer is spoken to in "
             "its own. `[]`: groups end at this node",
     .page_default = "`1`, `2`",
     .built_in = R"(["1","2"])",
     .argument = "LIST",
     .meaning = "the versions of the global protocol to speak",
     .example = "1,2",
     .given = [](const config& c) { return c.global_versions.given(); },
     .take = [](const value& v, config& c, remarks&) { return take_versions(v, c.global_versions); }},
    {.name = "workers",
     .page = "Threads, at most 256; 0: one per core",
     .page_default = "1",
     .built_in = "1",
     .argument = "COUNT",
     .meaning = "the number of threads, 0 for one per core",
     .example = "4",
     .given = [](const config& c) { return c.workers.has_value(); },
     .take = [](const value& v, config& c, remarks&) { return take_workers(v, c.workers); }},
    {.name = "network_thread",
     .what = kind::truth,
     .page = "Gives the network a thread of its own, beside the workers. Then a handler that blocks for a "
             "minute costs no connection",
     .page_default = "false",
     .built_in = "false",
     .argument = "BOOL",
     .meaning = "whether the network has a thread of its own",
     .example = "true",
     .given = [](const config& c) { return c.network_thread; },
     .take = [](const value& v, config& c, remarks&) { return take_truth(v, c.network_thread); }},
    {.name = "limits",
     .page = "A map: what peers may make this node hold, see below. Limits that it does not name keep their "
             "values",
     .argument = "MAP",
     .meaning = "what others may make the node hold",
     .example = R"({"max_message":1000000})",
     .given = [](const config& c) { return c.limits != limits(); },
     .take = [](const value& v, config& c, remarks&) { return take_limits(v, c.limits); }},
    {.name = "memory_limit",
     .page = "How many bytes may wait in the node's queues. Beyond that, other nodes are not read from, and "
             "`memory_full` says what becomes of threads that send; see below",
     .page_default = "0, no limit",
     .built_in = "0",
     .argument = "BYTES",
     .meaning = "how many bytes may wait in queues",
     .example = "1000000000",
     .given = [](const config& c) { return c.memory_limit != 0; },
     .take = [](const value& v, config& c, remarks&) { return take_bytes(v, c.memory_limit); }},
    {.name = "memory_full",
     .page = "Beyond the limit, a thread of the program that sends waits (`block`) or gets an error (`fail`)",
     .page_default = "`block`",
     .built_in = R"("block")",
     .argument = "WHAT",
     .meaning = "what becomes of threads that send beyond the limit: block or fail",
     .example = "fail",
     .given = [](const config& c) { return !c.memory_full.empty(); },
     .take = [](const value& v, config& c, remarks&) { return take_memory_full(v, c.memory_full); }},
    {.name = "spin",
     .page = "Microseconds for which an idle worker polls for work before it sleeps, as long as that pays; "
             "see below",
     .page_default = "0",
     .built_in = "0",
     .argument = "MICROSECONDS",
     .meaning = "how long a thread looks for work before it sleeps",
     .example = "50",
     .given = [](const config& c) { return c.spin.has_value(); },
     .take = [](const value& v, config& c, remarks&) { return take_microseconds(v, c.spin); }},
    {.name = "parent",
     .page = "In a profile: the profile it builds on",
     .argument = "PROFILE",
     .meaning = "the profile that a profile builds on",
     .example = "server"},
    {.name = "profile", .page = "On the top level: the profiles"},
    // Keys of the original. A file that is shared with Perl nodes sets them for those nodes.
    {.name = "autocork",
     .what = kind::truth,
     .argument = "BOOL",
     .meaning = "a switch of Perl nodes",
     .example = "true",
     .without_effect = "what is written in one turn is always sent together"},
    {.name = "nodelay",
     .what = kind::truth,
     .argument = "BOOL",
     .meaning = "a switch of Perl nodes",
     .example = "true",
     .without_effect = "the system never waits for more to send"},
    {.name = "eval",
     .argument = "CODE",
     .meaning = "what Perl nodes evaluate when they start",
     .example = "use Chat",
     .is_its_own_command = false,
     .without_effect = "no code is ever evaluated"},
    {.name = "norc", .without_effect = "only a program can say that it reads no file"},
    {.name = "force", .without_effect = "only a program can override the file"},
};

}  // namespace

std::span<const config_key> config_keys() { return keys; }

const config_key* find_config_key(std::string_view name) {
  const auto found = std::ranges::find(keys, name, &config_key::name);
  return found == std::end(keys) ? nullptr : &*found;
}

const config_key* find_setting(std::string_view name) {
  const config_key* const key = find_config_key(name);
  return key != nullptr && key->take != nullptr ? key : nullptr;
}

std::string_view why_without_effect(std::string_view name) {
  const config_key* const key = find_config_key(name);
  return key == nullptr ? std::string_view() : key->without_effect;
}

// Ignores case, and takes - and blanks for _: "NodeID", "monitor-timeout".
std::vector<std::string> similar_keys(std::string_view name) {
  std::vector<std::string> names;
  for (const config_key& key : keys) {
    if (key.without_effect.empty()) names.emplace_back(key.name);
  }
  std::string plain(name.substr(0, 64));
  for (char& c : plain) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-' || c == ' ') c = '_';
  }
  return similar(plain, names);
}

std::string config_keys_page() {
  std::string page = "| key | value | default |\n|---|---|---|\n";
  for (const config_key& key : keys) {
    if (key.page.empty()) continue;
    page.append("| `").append(key.name).append("` | ").append(key.page).append(" | ");
    page.append(key.page_default).append(key.page_default.empty() ? "|\n" : " |\n");
  }
  return page;
}

}  // namespace aemp::api
