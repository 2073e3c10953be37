#include "tool/terminal/line_history.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace aemp::tool {
namespace {

constexpr std::size_t most_lines = 1000;

}  // namespace

std::string line_history::usual_path() {
  const char* const state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state == '/') return std::string(state) + "/aemp/shell_history";
  const char* const home = std::getenv("HOME");
  return home == nullptr || *home == 0 ? std::string()
                                       : std::string(home) + "/.local/state/aemp/shell_history";
}

line_history::line_history(std::string path) : path_(std::move(path)) {
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);) lines_.push_back(line);
  const std::size_t found = lines_.size();
  if (found > most_lines) lines_.erase(lines_.begin(), lines_.end() - most_lines);
  if (found < 2 * most_lines) return;
  std::string kept;
  for (const std::string& line : lines_) kept += line + "\n";
  write(path_ + "~new~", O_TRUNC, kept);
  std::error_code ignored;
  std::filesystem::rename(path_ + "~new~", path_, ignored);
}

bool line_history::add(const std::string& line) {
  if (line.empty() || line[0] == ' ' || line[0] == '\t' || line.find("secret") != std::string::npos)
    return false;
  if (!lines_.empty() && lines_.back() == line) return false;
  lines_.push_back(line);
  write(path_, O_APPEND, line + "\n");
  return true;
}

void line_history::write(const std::string& path, int flags, std::string_view content) const {
  if (path_.empty()) return;
  namespace fs = std::filesystem;
  const mode_t before = ::umask(077);  // folders on the way are the owner's alone, too
  std::error_code ignored;
  fs::create_directories(fs::path(path).parent_path(), ignored);
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
  ::umask(before);
  if (file < 0) return;
  (void)::fchmod(file, 0600);
  (void)!::write(file, content.data(), content.size());
  ::close(file);
}

}  // namespace aemp::tool
