// A file that is read as a whole at start-up: a secret, a configuration.
#pragma once

#include <string>

#include <aemp/result.hpp>

namespace aemp {

struct file_content {
  std::string bytes;
  bool others_may_use;  // its mode lets its group or everybody read, write or execute it
};

// Reads to the end, also of a pipe, waiting for it. Errors, with nothing but the system's reason as their
// text: no_such_file, unreadable_file.
result<file_content> read_file(const std::string& path);

}  // namespace aemp
