// Finds a node's secret: in the configuration, else in the file ~/.aemp-secret, whose whole content it is, a
// line end included (aemp-protocol A.9). A file that others can read is refused.
#pragma once

#include <optional>
#include <string>

#include <aemp/config.hpp>
#include <aemp/export.hpp>
#include <aemp/result.hpp>

namespace aemp::api {

// Finding no secret is a success. Errors: secret_file_unreadable, secret_file_is_open, secret_file_empty.
AEMP_PRIVATE_API result<std::optional<std::string>> find_secret(const config& settings);

// Whether a secret is so short that it may be used only for connections within this machine.
bool is_weak_secret(std::size_t bytes) noexcept;

// Whether a secret of so many bytes (0: no secret) is strong enough for connections with that place,
// host:port. Error: weak_secret.
result<void> check_strength(std::size_t secret_bytes, std::string_view place);

result<std::string> read_secret_file(const std::string& path);

}  // namespace aemp::api
