#include "api/effective_config.hpp"

#include <aemp/log.hpp>

#include "api/names.hpp"
#include "api/similar.hpp"

namespace aemp::api {
namespace {

std::string place_of(const std::string& key, const config_setting& setting, const config_file& file) {
  return file.path() + ": " + key + (setting.profile.empty() ? "" : " of profile '" + setting.profile + "'");
}

// Does not show the value of a secret.
error refusal(const std::string& key, const config_setting& setting, const config_file& file,
              const error& why) {
  const value& v = setting.content;
  const bool may_be_shown = key != "secret" && key != "cert" && v.to_json().size() <= 80;
  return {why.name, place_of(key, setting, file) + " is " +
                        (may_be_shown ? v.to_json() : std::string(name_of(v.type()))) + ", " + why.text};
}

config_remark remark_on(const std::string& key, const config_setting& setting, const config_file& file) {
  const std::string place = place_of(key, setting, file);
  const std::string_view why = why_without_effect(key);
  if (!why.empty()) return {7, place + " has no effect: " + std::string(why)};
  if (key == "profile" || key == "version") return {2, place + " belongs on the top level"};
  if (key == "parent") return {2, place + " belongs into a profile"};
  return {2, place + " is not known here", did_you_mean(similar_keys(key))};
}

}  // namespace

config_remarks remarks_on_keys(const config_file& file) {
  config_remarks remarks;
  const auto look = [&](const value::map& settings, const std::string& profile) {
    for (const auto& [key, content] : settings) {
      const bool of_the_file = profile.empty() ? key == "profile" || key == "version" : key == "parent";
      if (!of_the_file && find_setting(key) == nullptr)
        remarks.push_back(remark_on(key, {content, profile}, file));
    }
  };
  look(file.content(), {});
  for (const std::string& name : file.profiles()) look(file.content().at("profile")[name].entries(), name);
  return remarks;
}

result<config> effective_config(config program, const config_file& file, config_remarks& remarks) {
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
    const config_key* const known = find_setting(key);
    if (known == nullptr) {
      remarks.push_back(remark_on(key, setting, file));
    } else if (!setting.content.is_null() && !(program.force && known->given(program))) {
      const auto taken = known->take(setting.content, effective, remarks);
      if (!taken) return refusal(key, setting, file, taken.error());
    }
  }
  return effective;
}

result<config> effective_config(config program, const config_file& file) {
  config_remarks remarks;
  auto effective = effective_config(std::move(program), file, remarks);
  for (const config_remark& remark : remarks)
    log(remark.level, remark.level > 2 ? remark.what : remark.str());
  return effective;
}

}  // namespace aemp::api
