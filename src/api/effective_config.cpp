#include "api/effective_config.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <span>

#include <aemp/log.hpp>

#include "api/names.hpp"
#include "wire/auth.hpp"
#include "wire/framing.hpp"

namespace aemp {
namespace {

// ---- values as people write them ----

bool read_text(const value& v, std::string& to) {
  if (!v.is_text() && v.type() != value::kind::integer && v.type() != value::kind::unsigned_integer)
    return false;
  to = v.to_string();
  return true;
}

std::vector<std::string> cut(std::string_view list) {
  std::vector<std::string> items;
  for (;;) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view item = list.substr(0, comma);
    item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
    item = item.substr(0, item.find_last_not_of(" \t") + 1);
    if (!item.empty()) items.emplace_back(item);
    if (comma == list.size()) return items;
    list.remove_prefix(comma + 1);
  }
}

bool read_list(const value& v, std::vector<std::string>& to) {
  std::string text;
  if (v.type() != value::kind::array) {
    if (!read_text(v, text)) return false;
    to = cut(text);
    return true;
  }
  to.clear();
  for (const value& item : v.elements()) {
    if (!read_text(item, text)) return false;
    to.push_back(text);
  }
  return true;
}

bool read_list(const value& v, string_list& to) {
  std::vector<std::string> items;
  if (!read_list(v, items)) return false;
  to = string_list(std::move(items));
  return true;
}

// What other implementations know and we do not is no mistake in a file that they share with us; a list of
// nothing else is.
bool read_known(const value& v, const char* key, bool (*is_known)(const std::string&), string_list& to) {
  std::vector<std::string> items;
  if (!read_list(v, items)) return false;
  std::erase_if(items, [&](const std::string& item) {
    if (is_known(item)) return false;
    log(2, "configuration: '" + item + "' in " + key + " is not known here; skipped");
    return true;
  });
  if (items.empty()) return false;
  to = string_list(std::move(items));
  return true;
}

bool is_auth_method(const std::string& name) { return wire::auth_method_named(name).has_value(); }
bool is_framing(const std::string& name) { return wire::make_encoder(name) != nullptr; }

constexpr double longest_seconds = 1e9;  // far above any use, and nanoseconds still fit

bool read_seconds(const value& v, std::optional<std::chrono::nanoseconds>& to) {
  const auto seconds = v.is_text() || v.is_number() ? v.to<double>() : std::nullopt;
  if (!seconds || !(*seconds > 0 && *seconds <= longest_seconds)) return false;
  to = std::chrono::nanoseconds(std::max(1LL, std::llround(*seconds * 1e9)));
  return true;
}

bool read_microseconds(const value& v, std::optional<std::chrono::nanoseconds>& to) {
  const auto microseconds = v.is_text() || v.is_number() ? v.to<double>() : std::nullopt;
  if (!microseconds || !(*microseconds >= 0 && *microseconds <= 1e6)) return false;
  to = std::chrono::nanoseconds(std::llround(*microseconds * 1e3));
  return true;
}

// Perl's idea of truth: the tool writes 1, "1", 0, "0" and "".
bool read_truth(const value& v, bool& to) {
  if (v.type() == value::kind::boolean) {
    to = v.boolean();
  } else if (v.is_number()) {
    to = v.to<double>() != 0;
  } else if (v.is_text()) {
    to = !v.text().empty() && v.text() != "0";
  } else {
    return false;
  }
  return true;
}

bool read_services(const value& v, std::vector<message>& to) {
  std::vector<message> services;
  if (v.is_text()) {
    for (const std::string& name : cut(v.text())) services.emplace_back(name);
  } else if (v.type() == value::kind::array) {
    for (const value& item : v.elements()) {
      const bool is_call = item.type() == value::kind::array && item.size() > 0 && item[0].is_text();
      if (!is_call && !item.is_text()) return false;
      services.push_back(message::of(is_call ? item.elements() : value::array{item}));
    }
  } else {
    return false;
  }
  to = std::move(services);
  return true;
}

// ---- keys ----

struct key_rule {
  std::string_view name;
  std::string_view expected;
  bool (*given)(const config&);
  bool (*take)(const value&, config&);  // false: the value is not what is expected
};

constexpr std::string_view texts = "a list of texts, or one text with commas, is expected";
constexpr std::string_view seconds = "seconds, above 0 and up to 1000000000, are expected";

constexpr key_rule rules[] = {
    {"nodeid", "a text is expected", [](const config& c) { return !c.nodeid.empty(); },
     [](const value& v, config& c) { return read_text(v, c.nodeid); }},
    {"secret", "a text is expected", [](const config& c) { return c.secret.has_value(); },
     [](const value& v, config& c) { return read_text(v, c.secret.emplace()); }},
    {"cert", "a text is expected: certificates and key in PEM",
     [](const config& c) { return !c.cert.empty(); },
     [](const value& v, config& c) { return v.is_text() && read_text(v, c.cert); }},
    {"encryption", "auto, required or off is expected", [](const config& c) { return !c.encryption.empty(); },
     [](const value& v, config& c) {
       if (v != value("auto") && v != value("required") && v != value("off")) return false;
       return read_text(v, c.encryption);
     }},
    {"binds", texts, [](const config& c) { return c.binds.given(); },
     [](const value& v, config& c) { return read_list(v, c.binds); }},
    {"seeds", texts, [](const config& c) { return c.seeds.given(); },
     [](const value& v, config& c) { return read_list(v, c.seeds); }},
    {"services", "a list is expected, of names and of lists that begin with a name",
     [](const config& c) { return !c.services.empty(); },
     [](const value& v, config& c) { return read_services(v, c.services); }},
    {"monitor_timeout", seconds, [](const config& c) { return c.monitor_timeout.has_value(); },
     [](const value& v, config& c) { return read_seconds(v, c.monitor_timeout); }},
    {"connect_interval", seconds, [](const config& c) { return c.connect_interval.has_value(); },
     [](const value& v, config& c) { return read_seconds(v, c.connect_interval); }},
    {"framing_format", "a list of framings is expected, one of them known here",
     [](const config& c) { return c.framing_format.given(); },
     [](const value& v, config& c) { return read_known(v, "framing_format", is_framing, c.framing_format); }},
    {"auth_offer", "a list of authentication methods is expected, one of them known here",
     [](const config& c) { return c.auth_offer.given(); },
     [](const value& v, config& c) { return read_known(v, "auth_offer", is_auth_method, c.auth_offer); }},
    {"auth_accept", "a list of authentication methods is expected, one of them known here",
     [](const config& c) { return c.auth_accept.given(); },
     [](const value& v, config& c) { return read_known(v, "auth_accept", is_auth_method, c.auth_accept); }},
    {"secure", "true or false is expected", [](const config& c) { return c.secure; },
     [](const value& v, config& c) { return read_truth(v, c.secure); }},
    {"inspect", "true or false is expected", [](const config& c) { return c.inspect.has_value(); },
     [](const value& v, config& c) { return read_truth(v, c.inspect.emplace()); }},
    {"global", "true or false is expected", [](const config& c) { return c.global; },
     [](const value& v, config& c) { return read_truth(v, c.global); }},
    {"global_versions", "a list of 1 and 2 is expected",
     [](const config& c) { return c.global_versions.given(); },
     [](const value& v, config& c) { return read_list(v, c.global_versions); }},
    {"workers", "a number of threads is expected", [](const config& c) { return c.workers.has_value(); },
     [](const value& v, config& c) {
       const auto number = v.is_text() || v.is_number() ? v.to<unsigned>() : std::nullopt;
       if (number) c.workers = *number;
       return number.has_value();
     }},
    {"spin", "microseconds, from 0 to 1000000, are expected",
     [](const config& c) { return c.spin.has_value(); },
     [](const value& v, config& c) { return read_microseconds(v, c.spin); }},
};

// Keys of the original that change nothing here, and why.
constexpr std::pair<std::string_view, std::string_view> without_effect[] = {
    {"eval", "no code is ever evaluated"},
    {"autocork", "what is written in one turn is always sent together"},
    {"nodelay", "the system never waits for more to send"},
};

std::string place_of(const std::string& key, const config_setting& setting, const config_file& file) {
  return file.path() + ": " + key + (setting.profile.empty() ? "" : " of profile '" + setting.profile + "'");
}

// A secret is not for logs.
error bad_setting(const key_rule& rule, const config_setting& setting, const config_file& file) {
  const value& v = setting.content;
  const bool may_be_shown = rule.name != "secret" && rule.name != "cert" && v.to_json().size() <= 80;
  return {"bad_setting", place_of(std::string(rule.name), setting, file) + " is " +
                             (may_be_shown ? v.to_json() : std::string(name_of(v.type()))) + ", " +
                             std::string(rule.expected)};
}

void log_skipped(const std::string& key, const config_setting& setting, const config_file& file) {
  const auto known = std::ranges::find(without_effect, std::string_view(key),
                                       &std::pair<std::string_view, std::string_view>::first);
  log(7, place_of(key, setting, file) + (known == std::end(without_effect)
                                             ? " is not known here; skipped"
                                             : " has no effect: " + std::string(known->second)));
}

}  // namespace

result<config> effective_config(config program, const config_file& file) {
  if (!program.profile.empty() && !file.has_profile(program.profile)) {
    return error{"no_such_profile", "the program asks for profile '" + program.profile +
                                        "', which does not exist in " +
                                        (file.path().empty() ? "any configuration file" : file.path()) +
                                        "; " + file.known_profiles()};
  }
  const auto settings = file.settings_of(program.profile.empty() ? host_name() : program.profile);
  if (!settings) return settings.error();

  config effective = program;
  for (const auto& [key, setting] : *settings) {
    const auto rule = std::ranges::find(rules, std::string_view(key), &key_rule::name);
    if (rule == std::end(rules)) {
      log_skipped(key, setting, file);
    } else if (!setting.content.is_null() && !(program.force && rule->given(program)) &&
               !rule->take(setting.content, effective)) {
      return bad_setting(*rule, setting, file);
    }
  }
  return effective;
}

}  // namespace aemp
