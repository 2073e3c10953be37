// Services of `aemp run` that are shared objects (aemp/service.hpp): found by the first part of their names
// in a list of folders, looked at before anything of them is loaded, and loaded for good.
#pragma once

#include <string>
#include <vector>

#include <aemp/node.hpp>

#include "tool/context.hpp"

namespace aemp::tool {

struct service_object {
  std::string file;
  void (*define)(node& me);  // what the object has as AEMP_SERVICE; may throw anything
};

// Those of --services, which has colons between folders. As absolute paths, here and below.
std::vector<std::string> folders_of_option(const context& all);
// Where they are looked for, in this order: --services, $AEMP_SERVICES, which is written the same way, and
// the folder of the installation that the tool is part of.
std::vector<std::string> service_folders(const context& all);

// "chat" of "chat::serve"; empty for a name without such a part, which no object is looked for.
std::string object_name_of(const std::string& service);

// The first NAME.so of the folders, if it is a service built for this version. Loads nothing. Errors:
// no_such_service, bad_service; their texts say where it was looked for, and what is wrong with the file.
result<std::string> find_service_object(const std::string& name, const std::vector<std::string>& folders);

// Loads the objects that these services need, each once. Errors: the same, also for what the system's linker
// has to say.
result<std::vector<service_object>> load_service_objects(const std::vector<message>& services,
                                                         const std::vector<std::string>& folders);

}  // namespace aemp::tool
