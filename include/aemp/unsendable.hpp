// Thrown by snd, kil, spawn, cal and the functions of the database for a message that cannot be sent.
#pragma once

#include <stdexcept>
#include <string>

#include <aemp/export.hpp>
#include <aemp/result.hpp>

namespace aemp {

// name() is for programs: message_too_large or message_too_deep (config.limits); object_cannot_leave for a C++
// object without a wire form; memory_full (config.memory_limit). what() says which message, to whom, and what to do.
class AEMP_API unsendable : public std::invalid_argument {
 public:
  explicit unsendable(const error& e) : std::invalid_argument(e.text), name_(e.name) {}
  const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

}  // namespace aemp
