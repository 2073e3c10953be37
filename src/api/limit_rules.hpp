// The limits of a configuration by name, and the values that each may have.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <aemp/limits.hpp>
#include <aemp/result.hpp>
#include <aemp/value.hpp>

namespace aemp::api {

struct limit_rule {
  std::string_view name;
  std::size_t limits::*member;
  std::size_t least;
};

std::span<const limit_rule> limit_rules();

// Takes a map of names and numbers; limits that it does not name keep their values. Errors: bad_setting, with
// a text that says what is expected.
result<void> take_limits(const value& v, limits& to);

// Errors: bad_limit, with the name and what is expected.
result<void> check_limits(const limits& l);

}  // namespace aemp::api
