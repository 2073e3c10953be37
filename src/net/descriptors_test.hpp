// The descriptors of this process, for tests that count them or check which ones a child process inherits.
#pragma once

#include <fcntl.h>

#include <filesystem>
#include <set>
#include <string>

namespace aemp::net::testing {

// All except the one that this look takes.
inline std::set<int> open_descriptors() {
  std::set<int> all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    all.insert(std::stoi(entry.path().filename()));
  std::erase_if(all, [](int d) { return ::fcntl(d, F_GETFD) < 0; });
  return all;
}

// The descriptors opened since then that a program started now would inherit: "5: socket:[4711]", one a line.
inline std::string inherited_since(const std::set<int>& before) {
  std::string found;
  for (const int d : open_descriptors()) {
    if (before.contains(d) || (::fcntl(d, F_GETFD) & FD_CLOEXEC) != 0) continue;
    const std::string number = std::to_string(d);
    std::error_code ignored;
    found +=
        number + ": " + std::filesystem::read_symlink("/proc/self/fd/" + number, ignored).string() + "\n";
  }
  return found;
}

}  // namespace aemp::net::testing
