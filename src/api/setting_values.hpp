// What the values of the configuration's keys may be. They are read as people write them and as the Perl tool
// does: text where a number is meant, one text with commas where a list is meant. A value that cannot work is
// refused here, before a node tries it.
//
// Errors of each take_…(): bad_setting with a text of what is expected, or a name of its own where that says
// more. After an error, `to` may have changed.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/config.hpp>
#include <aemp/export.hpp>
#include <aemp/result.hpp>

namespace aemp::api {

// Something wrong with a configuration that can be used all the same.
struct config_remark {
  int level;              // of the log
  std::string what;       // "rc: bind of profile 'x' is not known here"
  std::string hint = {};  // "; did you mean binds?"

  std::string str() const { return what + "; skipped" + hint; }
};
using config_remarks = std::vector<config_remark>;

// Accepts true, yes, on, 1 and false, no, off, 0, also as texts, and "", which is Perl's false. Else nothing.
AEMP_PRIVATE_API std::optional<bool> truth_of(const value& v);

result<void> take_text(const value& v, std::string& to);
result<void> take_truth(const value& v, bool& to);
result<void> take_node_id(const value& v, std::string& to);
// Each item is looked at with `check`.
result<void> take_places(const value& v, string_list& to, result<void> (*check)(std::string_view item));
// A list of names, of which those that only other implementations know are left out, with a remark.
result<void> take_known(const value& v, std::string_view key, const std::vector<std::string>& known,
                        string_list& to, config_remarks& remarks);
result<void> take_methods(const value& v, std::string_view key, string_list& to, config_remarks& remarks);
result<void> take_monitor_timeout(const value& v, std::optional<std::chrono::nanoseconds>& to);
result<void> take_connect_interval(const value& v, std::optional<std::chrono::nanoseconds>& to);
result<void> take_microseconds(const value& v, std::optional<std::chrono::nanoseconds>& to);
result<void> take_bytes(const value& v, std::size_t& to);
result<void> take_memory_full(const value& v, std::string& to);
result<void> take_workers(const value& v, std::optional<unsigned>& to);
result<void> take_versions(const value& v, string_list& to);
result<void> take_encryption(const value& v, std::string& to);
result<void> take_services(const value& v, std::vector<message>& to);

// Checks what not even a program may ask for. Errors: bad_duration, too_many_workers, bad_limit, bad_setting.
result<void> check_config(const config& c);

}  // namespace aemp::api
