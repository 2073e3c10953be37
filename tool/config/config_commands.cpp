// The commands that change and show the configuration file (aemp-protocol H.3, I.7).
#include <algorithm>
#include <iostream>

#include "api/file.hpp"
#include "api/names.hpp"
#include "net/tls.hpp"
#include "tool/config/certificate.hpp"
#include "tool/config/replaced_file.hpp"
#include "tool/config/settings.hpp"
#include "tool/context.hpp"

namespace aemp::tool {
namespace {

using arguments = std::vector<value>;

std::string whose(const context& all) {
  return all.profile.empty() ? "the part for all profiles" : "profile '" + all.profile + "'";
}

void set(context& all, const api::config_key& key, const value& argument) {
  if (key.name == "parent" && all.profile.empty())
    throw usage_error{{"no_profile", "only a profile has a parent: aemp profile NAME setparent PROFILE"}};
  auto content = setting_for(key, argument);
  if (!content) throw usage_error{content.error()};
  all.config().set(all.profile, std::string(key.name), std::move(*content));
}

std::string read_whole(const std::string& path) {
  auto file = api::read_file(path);
  if (!file) throw config_error{{"unreadable_file", "cannot read " + path + ": " + file.error().text}};
  return std::move(file->bytes);
}

int set_from_file(context& all, const api::config_key& key, const arguments& a) {
  const std::string path = a[0].to_string();
  const std::string pem = read_whole(path);
  net::tls_settings tls;
  tls.pem = pem;
  if (auto usable = net::check_tls(tls); !usable)
    throw usage_error{{usable.error().name, path + " cannot be used: " + usable.error().text}};
  set(all, key, pem);
  return done;
}

int get(context& all, const api::config_key& key) {
  const auto content = all.config().get(all.profile, std::string(key.name));
  if (!content) return all.fail(failed, {"not_set", std::string(key.name) + " is not set in " + whose(all)});
  std::string text = content->to_string();
  const bool is_list = key.what == api::config_key::kind::list || key.what == api::config_key::kind::services;
  if (is_list && std::ranges::all_of(elements_of(*content), &value::is_text)) {
    text.clear();
    for (const value& item : elements_of(*content)) text += (text.empty() ? "" : ",") + item.to_string();
  }
  while (text.ends_with('\n')) text.pop_back();
  all.print(*content, text);
  return done;
}

// Like the original, this adds a service even if it is there already. Only the new element is checked, or
// nobody could repair a list element by element.
int add(context& all, const api::config_key& key, const value& item) {
  if (auto good = check_setting(key, value(value::array{item})); !good) throw usage_error{good.error()};
  value::array items = elements_of(all.config().get(all.profile, std::string(key.name)).value_or(value()));
  if (key.what != api::config_key::kind::services) std::erase(items, item);
  items.push_back(item);
  all.config().set(all.profile, std::string(key.name), value(std::move(items)));
  return done;
}

int take(context& all, const api::config_key& key, const value& item) {
  value::array items = elements_of(all.config().get(all.profile, std::string(key.name)).value_or(value()));
  if (std::erase(items, item) == 0) {
    return all.fail(failed, {"not_set", "there is no " + std::string(key.item) + " " + item.to_string() +
                                            " in " + whose(all)});
  }
  all.config().set(all.profile, std::string(key.name), value(std::move(items)));
  return done;
}

void add_commands(std::vector<command>& table, const api::config_key& key) {
  const bool is_file = key.name == "cert";
  const std::string name(key.name), item(key.item);
  table.push_back({"set" + name,
                   key.is_its_own_command ? std::vector{name} : std::vector<std::string>(),
                   std::string(key.argument),
                   "set " + std::string(key.meaning),
                   std::string(key.details),
                   "set" + name + " '" + std::string(key.example) + "'",
                   {},
                   [&key, is_file](context& all, const arguments& a) {
                     if (is_file) return set_from_file(all, key, a);
                     set(all, key, a[0]);
                     return int(done);
                   }});
  table.push_back({"get" + name,
                   {},
                   "",
                   "print what is set with set" + name,
                   "Only what the profile itself has; showconfig says what counts in the end.",
                   "get" + name,
                   {},
                   [&key](context& all, const arguments&) { return get(all, key); },
                   false});
  table.push_back({"del" + name,
                   {},
                   "",
                   "take back what is set with set" + name,
                   {},
                   "del" + name,
                   {},
                   [&key](context& all, const arguments&) {
                     (void)all.config().erase(all.profile, std::string(key.name));
                     return int(done);
                   },
                   false});
  if (key.item.empty()) return;
  std::string upper = item;
  std::ranges::transform(upper, upper.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
  const std::string one = key.what == api::config_key::kind::services ? "chat::serve" : "10.0.0.1:4040";
  table.push_back({"add" + item,
                   {},
                   upper,
                   "add a " + item + " behind the others",
                   {},
                   "add" + item + " " + one,
                   {},
                   [&key](context& all, const arguments& a) { return add(all, key, a[0]); },
                   false});
  table.push_back({"del" + item,
                   {},
                   upper,
                   "take a " + item + " out",
                   {},
                   "del" + item + " " + one,
                   {},
                   [&key](context& all, const arguments& a) { return take(all, key, a[0]); },
                   false});
}

// ---- secrets and certificates ----

const api::config_key& key_named(std::string_view name) { return *api::find_config_key(name); }

int make_secret(context& all, const arguments&) {
  set(all, key_named("secret"), random_letters(64));
  return done;
}

// The IDs that nodes of the profile can have, and those of the tool.
std::vector<std::string> names_for(context& all) {
  const value nodeid = all.config().get(all.profile, "nodeid").value_or(value());
  std::string pattern = nodeid.is_null() ? all.profile : nodeid.to_string();
  if (pattern.empty()) return {};
  for (const char* variable : {"%n", "%u"}) {
    for (std::size_t at = 0; (at = pattern.find(variable, at)) != std::string::npos; ++at)
      pattern.replace(at, 2, "*");
  }
  if (nodeid.is_null()) pattern += '/';
  if (pattern.ends_with('/')) pattern += '*';
  return {pattern, "anon/*"};
}

int make_certificate(context& all, const arguments& a) {
  if (a.empty()) {
    set(all, key_named("cert"), make_shared_certificate());
    return done;
  }
  const std::string path = a[0].to_string();
  const std::string node = all.config().get(all.profile, "nodeid").value_or(all.profile).to_string();
  auto made = make_node_certificate(read_whole(path), node.empty() ? api::host_name() : node, names_for(all));
  if (!made) throw usage_error{{made.error().name, path + ": " + made.error().text}};
  set(all, key_named("cert"), *made);
  return done;
}

int make_authority_file(context& all, const arguments& a) {
  const std::string path = a[0].to_string();
  if (auto written = create_file(path, make_authority("aemp authority of " + api::host_name())); !written)
    return all.fail(failed, written.error());
  return done;
}

// ---- profiles ----

int enter_profile(context& all, const arguments& a) {
  all.profile = a[0].to_string();
  return done;
}

int delete_profile(context& all, const arguments& a) {
  const std::string name = a[0].to_string();
  if (!all.config().erase_profile(name)) return all.fail(failed, no_such_profile(all, name));
  if (all.profile == name) all.profile.clear();
  return done;
}

// Secrets are hidden, because others may see the screen, too.
value::map shown(const context& all, value::map settings) {
  if (all.has("--secrets")) return settings;
  for (const char* key : {"secret", "cert"}) {
    const auto found = settings.find(key);
    if (found != settings.end() && !found->second.is_null()) found->second = "(hidden: --secrets shows it)";
  }
  return settings;
}

int show_profile(context& all, const arguments& a) {
  const std::string name = a[0].to_string();
  if (!all.config().has_profile(name)) return all.fail(failed, no_such_profile(all, name));
  const value settings(shown(all, all.config().profile(name)));
  all.print(settings, pretty_json(settings));
  return done;
}

int list_profiles(context& all, const arguments&) {
  value::array names;
  std::string text;
  for (const std::string& name : all.config().profiles()) {
    names.emplace_back(name);
    text += (text.empty() ? "" : "\n") + name;
  }
  all.print(value(std::move(names)), text);
  return done;
}

int show_config(context& all, const arguments& a) {
  const std::string asked = a.empty() ? all.profile : a[0].to_string();
  const std::string name = asked.empty() ? api::host_name() : asked;
  if (!asked.empty() && !all.config().has_profile(asked))
    return all.fail(failed, no_such_profile(all, asked));
  auto given = settings_of_pairs(std::span(a).subspan(a.empty() ? 0 : 1));
  if (!given) throw usage_error{given.error()};
  value::map effective = std::move(*given);
  effective.emplace("nodeid", name + "/");
  for (const auto& [key, content] : built_in_settings()) effective.emplace(key, content);
  const auto file = all.config().file();
  const auto settings = file ? file->settings_of(name) : result<api::config_settings>(file.error());
  if (!settings) throw config_error{settings.error()};
  for (const auto& [key, setting] : *settings) {
    if (!setting.content.is_null()) effective.insert_or_assign(key, setting.content);
  }
  const value printed(shown(all, std::move(effective)));
  all.print(printed, pretty_json(printed));
  return done;
}

int show_path(context& all, const arguments&) {
  const api::config_place place = all.place();
  all.print(value(value::map{{"path", place.path}, {"variable", place.variable}}), place.path);
  return done;
}

}  // namespace

section configuration_section() {
  return {
      "Configuration",
      {
          {"profile",
           {},
           "PROFILE",
           "choose the profile that the following commands are about",
           "The profile need not be there yet: the first set command makes it. Without a profile, commands "
           "are about the "
           "settings for all profiles.",
           "profile server setnodeid srv setbinds '*:4040'",
           {},
           enter_profile},
          {"profiles", {}, "", "list the profiles", {}, "profiles", {}, list_profiles},
          {"delprofile", {}, "PROFILE", "take a profile out", {}, "delprofile server", {}, delete_profile},
          {"showprofile",
           {},
           "PROFILE",
           "print what a profile itself has",
           {},
           "showprofile server",
           {"--secrets"},
           show_profile},
          {"showconfig",
           {},
           "[PROFILE] [ARG...]",
           "print what counts for a profile in the end",
           "Built-in defaults, then KEY VALUE pairs as a program could give them, then the file: its part "
           "for all, the "
           "profile's parents, and the profile. Without PROFILE: the one that `profile` named before, else "
           "the "
           "one with the host's name.",
           "showconfig server monitor_timeout 10",
           {"--secrets"},
           show_config},
          {"configpath", {}, "", "print where the configuration file is", {}, "configpath", {}, show_path},
          {"gensecret",
           {},
           "",
           "make up a secret, and set it",
           "64 random letters and digits.",
           "gensecret",
           {},
           make_secret},
          {"gencert",
           {},
           "[FILE]",
           "make a certificate, and set it",
           "Without an argument it is one that all nodes share: copy it to each of them. With the file of "
           "an authority (aemp "
           "genca), it is one for this profile alone, which all nodes with a certificate of the same "
           "authority trust.",
           "profile server gencert ca.pem",
           {},
           make_certificate},
          {"genca",
           {},
           "FILE",
           "make an authority, which signs certificates for nodes",
           "The file holds the certificate and its key. Keep it where no node runs; it is needed for "
           "further nodes only.",
           "genca ca.pem",
           {},
           make_authority_file},
      }};
}

section settings_section() {
  section s{"Settings, of the profile that was named before, or for all profiles", {}};
  for (const api::config_key& key : api::config_keys()) {
    if (!key.argument.empty()) add_commands(s.commands, key);
  }
  s.note =
      "Each has get... and del... beside set..., the lists of binds, seeds and services also addbind, "
      "delbind and so on.\n"
      "Without \"set\" they are set, too: aemp nodeid srv.";
  return s;
}

}  // namespace aemp::tool
