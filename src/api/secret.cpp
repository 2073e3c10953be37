#include "api/secret.hpp"

#include <cstdlib>

#include <unistd.h>

#include "api/file.hpp"

namespace aemp::api {

result<std::string> read_secret_file(const std::string& path) {
  auto file = read_file(path);
  if (!file) {
    return error{"secret_file_unreadable", "cannot read the secret file " + path + ": " + file.error().text +
                                               "; it must be a file that user " + std::to_string(::getuid()) +
                                               " may read"};
  }
  if (file->others_may_use) {
    return error{"secret_file_is_open",
                 "the secret file " + path + " can be used by others; close it with: chmod 600 " + path};
  }
  if (file->bytes.empty()) {
    return error{"secret_file_empty",
                 "the secret file " + path + " is empty; write a secret into it, or remove it"};
  }
  return std::move(file->bytes);
}

namespace {

constexpr std::size_t shortest_secret = 16;  // bytes

// Nobody can listen between two ends on this machine. Dialling checks where a host name leads.
bool may_be_here(std::string_view place) {
  const std::string_view host = place.substr(0, place.rfind(':'));
  const bool is_name =
      !host.starts_with('[') && host.find_first_not_of("0123456789.") != std::string_view::npos;
  return is_name || host.starts_with("127.") || host == "[::1]";
}

}  // namespace

bool is_weak_secret(std::size_t bytes) noexcept { return bytes != 0 && bytes < shortest_secret; }

result<void> check_strength(std::size_t secret_bytes, std::string_view place) {
  if (secret_bytes == 0 || !is_weak_secret(secret_bytes) || may_be_here(place)) return {};
  return error{
      "weak_secret",
      "the secret has " + std::to_string(secret_bytes) + " bytes, and " + std::string(place) +
          " is beyond this machine: a listener there can find such a secret by trying; use at least " +
          std::to_string(shortest_secret) +
          " bytes (aemp gensecret makes such a secret), or set allow_weak_secret"};
}

result<std::optional<std::string>> find_secret(const config& settings) {
  if (settings.secret) return settings.secret;
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return std::optional<std::string>();
  const std::string path = std::string(home) + "/.aemp-secret";
  if (::access(path.c_str(), F_OK) != 0) return std::optional<std::string>();
  auto secret = read_secret_file(path);
  if (!secret) return secret.error();
  return std::optional<std::string>(std::move(*secret));
}

}  // namespace aemp::api
