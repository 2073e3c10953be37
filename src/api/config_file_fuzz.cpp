// Parses any bytes as a configuration file, and resolves each profile. What was read must be a file again
// when it is written as JSON.
#include <cstdlib>

#include "api/config_file.hpp"
#include "api/effective_config.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aemp;
  using namespace aemp::api;
  const auto file = config_file::parse({reinterpret_cast<const char*>(data), size}, "aemp.conf");
  if (!file) {
    require(!file.error().name.empty() && !file.error().text.empty());
    return 0;
  }
  (void)remarks_on_keys(*file);
  std::vector<std::string> profiles = file->profiles();
  if (profiles.size() > 20) profiles.resize(20);
  profiles.emplace_back();
  for (const std::string& profile : profiles) {
    config program;
    program.profile = profile;
    config_remarks remarks;
    const auto all = effective_config(std::move(program), *file, remarks);
    if (!all) require(!all.error().name.empty() && !all.error().text.empty());
  }
  const auto again = config_file::parse(value(file->content()).to_json(), "aemp.conf");
  require(again && again->profiles() == file->profiles());
  return 0;
}
