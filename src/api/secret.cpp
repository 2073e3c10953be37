#include "api/secret.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include <sys/stat.h>
#include <unistd.h>

namespace aemp {

result<std::string> read_secret_file(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    return error{"secret_file_unreadable", "cannot read the secret file " + path + ": " + std::strerror(errno)};
  }
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return error{"secret_file_is_open",
                 "the secret file " + path + " can be used by others; close it with: chmod 600 " + path};
  }
  std::ifstream file(path, std::ios::binary);
  std::string secret{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    return error{"secret_file_unreadable", "cannot read the secret file " + path + ": " + std::strerror(errno) +
                                               "; it must be a file that user " + std::to_string(::getuid()) +
                                               " may read"};
  }
  if (secret.empty()) {
    return error{"secret_file_empty", "the secret file " + path + " is empty; write a secret into it, or remove it"};
  }
  return secret;
}

result<std::optional<std::string>> find_secret(const config& settings) {
  if (settings.secret) return settings.secret;
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return std::optional<std::string>();
  const std::string path = std::string(home) + "/.aemp-secret";
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0 && errno == ENOENT) return std::optional<std::string>();
  auto secret = read_secret_file(path);
  if (!secret) return secret.error();
  return std::optional<std::string>(std::move(*secret));
}

}  // namespace aemp
