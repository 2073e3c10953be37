// Where a node's secret comes from: the configuration, else the file ~/.aemp-secret, whose whole content it
// is, a line end included (aemp-protocol A.9). A file that others can read is refused.
#pragma once

#include <optional>
#include <string>

#include <aemp/config.hpp>
#include <aemp/result.hpp>

namespace aemp {

// No secret at all is a success. Errors: secret_file_unreadable, secret_file_is_open, secret_file_empty.
result<std::optional<std::string>> find_secret(const config& settings);

// So short that it is good for connections within this machine only.
bool is_weak_secret(std::size_t bytes) noexcept;

// Whether a secret of so many bytes, 0 for none, is good enough for connections with that place, host:port.
// Error: weak_secret.
result<void> check_strength(std::size_t secret_bytes, std::string_view place);

result<std::string> read_secret_file(const std::string& path);

}  // namespace aemp
