#include "tool/config/settings.hpp"

#include <algorithm>

#include "api/effective_config.hpp"
#include "api/similar.hpp"

namespace aemp::tool {
namespace {

using kind = api::config_key::kind;

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

value::array elements_of(const value& list) {
  if (list.type() == value::kind::array) return list.elements();
  return list.is_null() ? value::array() : cut(list.to_string());
}

result<value> setting_for(const api::config_key& key, const value& argument) {
  value content = argument;
  if (key.what == kind::truth) {
    if (const auto truth = api::truth_of(argument)) content = value(*truth);
  } else if (key.what != kind::text && argument.is_text()) {
    content = value(elements_of(argument));
  }
  if (auto good = check_setting(key, content); !good) return good.error();
  return content;
}

result<void> check_setting(const api::config_key& key, const value& content) {
  if (key.what == kind::truth && !api::truth_of(content))
    return error{"bad_setting",
                 std::string(key.name) + " is " + content.to_json() + ", true or false is expected"};
  const value::map one = {{std::string(key.name), content}};
  const auto file = api::config_file::parse(value(one).to_json(), "the new setting");
  if (!file) return file.error();
  api::config_remarks remarks;
  const auto effective = api::effective_config(config{}, *file, remarks);
  if (!effective) return effective.error();
  // A node skips such a setting, because others may read the file, too. Somebody who types it should be told.
  for (const api::config_remark& remark : remarks) {
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
    if (api::find_setting(key) == nullptr && api::why_without_effect(key).empty())
      return error{"unknown_key", "there is no key '" + key + "' of the configuration" +
                                      api::did_you_mean(api::similar_keys(key))};
    if (const api::config_key* const known = api::find_config_key(key); !known->argument.empty()) {
      if (auto good = check_setting(*known, pairs[i + 1]); !good) return good.error();
    }
    settings.insert_or_assign(key, pairs[i + 1]);
  }
  return settings;
}

const value::map& built_in_settings() {
  static const value::map settings = [] {
    value::map all;
    for (const api::config_key& key : api::config_keys()) {
      if (!key.built_in.empty()) all.emplace(key.name, value::from_json(key.built_in).value());
    }
    return all;
  }();
  return settings;
}

}  // namespace aemp::tool
