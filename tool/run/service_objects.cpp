#include "tool/run/service_objects.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <dlfcn.h>

#include <aemp/log.hpp>
#include <aemp/service.hpp>

#include "api/file.hpp"

namespace aemp::tool {
namespace {

constexpr std::string_view version_mark = "aemp service for version ";

void add_folders(std::vector<std::string>& to, std::string_view list) {
  while (!list.empty()) {
    const std::size_t colon = std::min(list.find(':'), list.size());
    if (colon != 0) to.push_back(std::filesystem::absolute(list.substr(0, colon)).string());
    list.remove_prefix(std::min(colon + 1, list.size()));
  }
}

error bad_service(const std::string& file, const std::string& why) {
  return {"bad_service", "the service " + file + " " + why};
}

result<void> check_version(const std::string& file) {
  const auto content = api::read_file(file);
  if (!content) return bad_service(file, "cannot be read: " + content.error().text);
  const std::size_t mark = content->bytes.find(version_mark);
  if (mark == std::string::npos) {
    return bad_service(
        file, "has no entry point: one of its source files needs an AEMP_SERVICE (aemp/service.hpp)");
  }
  const std::size_t begin = mark + version_mark.size();
  const std::string version = content->bytes.substr(begin, content->bytes.find(';', begin) - begin);
  if (version == AEMP_VERSION) return {};
  return bad_service(file, "was built for version " + version +
                               " of aemp, and this is " AEMP_VERSION
                               ": build it again with the headers of this version");
}

}  // namespace

std::vector<std::string> folders_of_option(const context& all) {
  std::vector<std::string> folders;
  add_folders(folders, all.option_or("--services", {}));
  return folders;
}

std::vector<std::string> service_folders(const context& all) {
  std::vector<std::string> folders = folders_of_option(all);
  if (const char* const variable = std::getenv("AEMP_SERVICES")) add_folders(folders, variable);
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  folders.push_back((program.parent_path() / AEMP_SERVICES_FROM_BIN).lexically_normal().string());
  return folders;
}

std::string object_name_of(const std::string& service) {
  const std::size_t end = service.find("::");
  return end == std::string::npos ? std::string() : service.substr(0, end);
}

result<std::string> find_service_object(const std::string& name, const std::vector<std::string>& folders) {
  std::string places;
  for (const std::string& folder : folders) {
    const auto file = std::filesystem::path(folder) / (name + ".so");
    std::error_code ignored;
    if (name.find('/') == std::string::npos && std::filesystem::exists(file, ignored)) {
      if (const auto good = check_version(file.string()); !good) return good.error();
      return file.string();
    }
    places += (places.empty() ? "" : ", ") + folder;
  }
  return error{"no_such_service", "there is no service " + name + ".so in " + places +
                                      ": put it there, or name its folder with --services or AEMP_SERVICES"};
}

result<std::vector<service_object>> load_service_objects(const std::vector<message>& services,
                                                         const std::vector<std::string>& folders) {
  std::vector<service_object> objects;
  std::set<std::string> known;
  for (const message& service : services) {
    const std::string name = object_name_of(service.tag());
    if (name.empty() || !known.insert(name).second) continue;
    const auto file = find_service_object(name, folders);
    if (!file) return file.error();
    // RTLD_NOW finds a missing symbol before a message needs it. RTLD_LOCAL hides a service's symbols from
    // the others.
    void* const object = ::dlopen(file->c_str(), RTLD_NOW | RTLD_LOCAL);
    void* const entry = object == nullptr ? nullptr : ::dlsym(object, "aemp_service");
    if (entry == nullptr) return bad_service(*file, std::string("cannot be loaded: ") + ::dlerror());
    objects.push_back({*file, reinterpret_cast<void (*)(node&)>(entry)});
    log(7, "service " + name + " is in " + *file);
  }
  return objects;
}

}  // namespace aemp::tool
