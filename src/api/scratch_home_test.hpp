// A home directory for one test. The environment variables that lead to files are those that the test sets,
// and are restored afterwards.
#pragma once

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>

#include <sys/stat.h>

namespace aemp::api::testing {

class scratch_home {
 public:
  scratch_home() {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (const char* text = std::getenv(names[i])) before_[i] = text;
      ::unsetenv(names[i]);
    }
    std::string pattern = (std::filesystem::temp_directory_path() / "aemp-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a directory " + pattern);
    path_ = pattern;
    set("HOME", path_);
  }
  scratch_home(const scratch_home&) = delete;
  scratch_home& operator=(const scratch_home&) = delete;
  ~scratch_home() {
    for (std::size_t i = 0; i < names.size(); ++i) {
      ::unsetenv(names[i]);
      if (before_[i]) set(names[i], *before_[i]);
    }
    std::filesystem::remove_all(path_);
  }

  void set(const char* name, const std::string& text) { ::setenv(name, text.c_str(), 1); }
  void unset(const char* name) { ::unsetenv(name); }

  // Writes a file below the home directory and returns its path.
  std::string write(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const std::filesystem::path file = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    ::chmod(file.c_str(), mode);
    return file.string();
  }
  const std::string& path() const noexcept { return path_; }

 private:
  static constexpr std::array<const char*, 4> names = {"HOME", "AEMP_CONFIG", "XDG_CONFIG_HOME",
                                                       "PERL_ANYEVENT_MP_RC"};

  std::array<std::optional<std::string>, names.size()> before_;
  std::string path_;
};

}  // namespace aemp::api::testing
