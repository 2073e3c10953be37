#include "api/setting_values.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cmath>

#include "api/limit_rules.hpp"
#include "api/names.hpp"
#include "api/similar.hpp"
#include "core/port_table.hpp"
#include "net/endpoint_list.hpp"
#include "wire/auth.hpp"

namespace aemp::api {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr double longest_seconds = 1e9;  // far above any use, and nanoseconds still fit
// With less, pauses of the machine would count as deaths, and absent nodes would be dialled all the time.
constexpr nanoseconds shortest_monitor_timeout = 100ms, shortest_connect_interval = 10ms;
constexpr unsigned most_workers = 1u << core::port_number::worker_bits;

error expected(std::string what) { return {"bad_setting", std::move(what) + " expected"}; }

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

std::string in_seconds(nanoseconds d) { return value(std::chrono::duration<double>(d).count()).to_string(); }

result<void> take_seconds(const value& v, nanoseconds shortest, std::optional<nanoseconds>& to) {
  const auto seconds = v.is_text() || v.is_number() ? v.to<double>() : std::nullopt;
  if (!seconds || !(*seconds > 0 && *seconds <= longest_seconds))
    return expected("seconds, above 0 and up to 1000000000, are");
  to = nanoseconds(std::llround(*seconds * 1e9));
  if (*to < shortest) return expected("at least " + in_seconds(shortest) + " seconds are");
  return {};
}

bool is_function_name(const value& v) {
  const auto is_control = [](unsigned char c) { return c < ' ' || c == '\x7f'; };
  return v.is_text() && !v.text().empty() && std::ranges::none_of(v.text(), is_control);
}

}  // namespace

result<void> take_text(const value& v, std::string& to) {
  if (!read_text(v, to)) return expected("a text is");
  return {};
}

result<void> take_node_id(const value& v, std::string& to) {
  if (!read_text(v, to)) return expected("a text is");
  return check_node_id(to);
}

result<void> take_places(const value& v, string_list& to, result<void> (*check)(std::string_view item)) {
  std::vector<std::string> items;
  if (!read_list(v, items)) return expected("a list of texts, or one text with commas, is");
  for (const std::string& item : items) {
    if (const auto good = check(item); !good) return error{"bad_setting", good.error().text};
  }
  to = string_list(std::move(items));
  return {};
}

// A file may be shared with other implementations, so a name that only they know is no mistake. A list of
// nothing but such names is one.
result<void> take_known(const value& v, std::string_view key, const std::vector<std::string>& known,
                        string_list& to, config_remarks& remarks) {
  const std::string what = key == "framing_format" ? "framings" : "authentication methods";
  const error none = expected("a list of " + what + ", one of them known here, is");
  std::vector<std::string> items;
  if (!read_list(v, items)) return none;
  std::string all = "; there are:";
  for (const std::string& name : known) all += " " + name;
  std::erase_if(items, [&](const std::string& item) {
    if (std::ranges::find(known, item) != known.end()) return false;
    remarks.push_back({2, "configuration: '" + item + "' in " + std::string(key) + " is not known here",
                       did_you_mean(similar(item, known), all)});
    return true;
  });
  if (items.empty()) return error{none.name, none.text + all};
  to = string_list(std::move(items));
  return {};
}

result<void> take_methods(const value& v, std::string_view key, string_list& to, config_remarks& remarks) {
  std::vector<std::string> known;
  for (wire::auth_method m : wire::all_auth_methods) known.emplace_back(wire::to_text(m));
  return take_known(v, key, known, to, remarks);
}

result<void> take_monitor_timeout(const value& v, std::optional<nanoseconds>& to) {
  return take_seconds(v, shortest_monitor_timeout, to);
}

result<void> take_connect_interval(const value& v, std::optional<nanoseconds>& to) {
  return take_seconds(v, shortest_connect_interval, to);
}

result<void> take_microseconds(const value& v, std::optional<nanoseconds>& to) {
  const auto microseconds = v.is_text() || v.is_number() ? v.to<double>() : std::nullopt;
  if (!microseconds || !(*microseconds >= 0 && *microseconds <= 1e6))
    return expected("microseconds, from 0 to 1000000, are");
  to = nanoseconds(std::llround(*microseconds * 1e3));
  return {};
}

result<void> take_bytes(const value& v, std::size_t& to) {
  const auto bytes = v.is_text() || v.is_number() ? v.to<std::size_t>() : std::nullopt;
  if (!bytes) return expected("a number of bytes is");
  to = *bytes;
  return {};
}

result<void> take_memory_full(const value& v, std::string& to) {
  if (v != value("block") && v != value("fail")) return expected("block or fail is");
  return take_text(v, to);
}

result<void> take_truth(const value& v, bool& to) {
  const auto truth = truth_of(v);
  if (!truth) return expected("true or false is");
  to = *truth;
  return {};
}

result<void> take_workers(const value& v, std::optional<unsigned>& to) {
  const auto number = v.is_text() || v.is_number() ? v.to<unsigned>() : std::nullopt;
  if (!number) return expected("a number of threads is");
  if (*number > most_workers) return expected("at most " + std::to_string(most_workers) + " threads are");
  to = *number;
  return {};
}

result<void> take_versions(const value& v, string_list& to) {
  std::vector<std::string> items;
  const auto is_one = [](const std::string& item) { return item == "1" || item == "2"; };
  if (!read_list(v, items) || !std::ranges::all_of(items, is_one)) return expected("a list of 1 and 2 is");
  to = string_list(std::move(items));
  return {};
}

result<void> take_encryption(const value& v, std::string& to) {
  if (v != value("auto") && v != value("required") && v != value("off"))
    return expected("auto, required or off is");
  return take_text(v, to);
}

result<void> take_services(const value& v, std::vector<message>& to) {
  const error wrong = expected("a list of names, and of lists that begin with a name, is");
  value::array items;
  if (v.is_text()) {
    for (std::string& name : cut(v.text())) items.emplace_back(std::move(name));
  } else if (v.type() == value::kind::array) {
    items = v.elements();
  } else {
    return wrong;
  }
  std::vector<message> services;
  for (const value& item : items) {
    const bool is_call = item.type() == value::kind::array && item.size() > 0;
    if (!is_function_name(is_call ? item[0] : item)) return wrong;
    services.push_back(message::of(is_call ? item.elements() : value::array{item}));
  }
  to = std::move(services);
  return {};
}

std::optional<bool> truth_of(const value& v) {
  if (v.type() == value::kind::boolean) return v.boolean();
  if (v.is_number() && (v == value(0) || v == value(1))) return v == value(1);
  if (!v.is_text()) return {};
  std::string word(v.text().substr(0, 8));
  std::ranges::transform(word, word.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* yes : {"1", "true", "yes", "on"}) {
    if (word == yes) return true;
  }
  for (const char* no : {"", "0", "false", "no", "off"}) {
    if (word == no) return false;
  }
  return {};
}

result<void> check_config(const config& c) {
  const auto check = [](const char* key, const std::optional<nanoseconds>& d, nanoseconds least) {
    if (!d || *d >= least) return result<void>();
    return result<void>(error{"bad_duration", std::string(key) + " is " + in_seconds(*d) + " s; at least " +
                                                  in_seconds(least) + " s are expected"});
  };
  if (auto good = check("monitor_timeout", c.monitor_timeout, shortest_monitor_timeout); !good) return good;
  if (auto good = check("connect_interval", c.connect_interval, shortest_connect_interval); !good)
    return good;
  if (c.workers.value_or(0) > most_workers) {
    return error{"too_many_workers", "a node has at most " + std::to_string(most_workers) + " workers, " +
                                         std::to_string(*c.workers) + " were asked for"};
  }
  if (!c.memory_full.empty() && c.memory_full != "block" && c.memory_full != "fail")
    return error{"bad_setting", "memory_full is '" + c.memory_full + "'; block or fail is expected"};
  return check_limits(c.limits);
}

}  // namespace aemp::api
