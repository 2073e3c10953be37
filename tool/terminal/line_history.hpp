// The lines of former shells, oldest first, in a text file that only its owner can read: each line is added
// when it is entered, so several shells at the same time lose nothing of each other.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aemp::tool {

class line_history {
 public:
  // $XDG_STATE_HOME or ~/.local/state, aemp/shell_history; empty without a home.
  static std::string usual_path();

  // Reads the newest 1000 lines, and leaves only them when the file has become twice as long. A file that
  // cannot be read or written, or no path, only means that nothing is kept.
  explicit line_history(std::string path);

  const std::vector<std::string>& lines() const noexcept { return lines_; }
  // Not what is empty, the same as the line before, or begins with a blank; and not what has a secret in it.
  // Whether it was added.
  bool add(const std::string& line);

 private:
  void write(const std::string& path, int flags, std::string_view content) const;

  const std::string path_;
  std::vector<std::string> lines_;
};

}  // namespace aemp::tool
