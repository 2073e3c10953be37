// What may be wrong with a node's configuration and its way into the network, looked at point by point: `aemp
// doctor`.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <aemp/config.hpp>

#include "tool/context.hpp"

namespace aemp::tool {

struct finding {
  enum class grade { good, doubtful, bad };

  grade how;
  std::string about;        // "secret", "seed 10.0.0.1:4040"
  std::string text;         // what was found
  std::string advice = {};  // what to type, or to do
};

using tell = std::function<void(const finding&)>;

// In the order in which one thing rests on the other. The first one says whether there is a file at all.
void check_file(context& all, const tell& f);
void check_secret(context& all, const config& effective, const tell& f);
void check_certificate(const config& effective, const tell& f);
void check_binds(const config& effective, const tell& f);
// Whether `aemp run` would find the objects of the services.
void check_services(context& all, const config& effective, const tell& f);
// Connects to each, as the tool, and waits for --timeout at most.
void check_seeds(context& all, const std::string& profile, const config& effective, const tell& f);

}  // namespace aemp::tool
