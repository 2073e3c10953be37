// Reads a file as a whole at start-up: a secret, a configuration.
#pragma once

#include <string>

#include <aemp/export.hpp>
#include <aemp/result.hpp>

namespace aemp::api {

struct file_content {
  std::string bytes;
  bool others_may_use;  // its mode lets its group or everybody read, write or execute it
};

// Reads to the end; blocks on a pipe. Errors, with the system's reason alone as text: no_such_file,
// unreadable_file.
AEMP_PRIVATE_API result<file_content> read_file(const std::string& path);

}  // namespace aemp::api
