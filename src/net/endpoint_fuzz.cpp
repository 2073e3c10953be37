// Parses places as greetings, seeds, binds and noderefs have them. What is understood must be printed in a
// form that is understood the same way, and what is good as binds or seeds must have parts.
#include <cstdlib>

#include "net/endpoint.hpp"
#include "net/endpoint_list.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aemp::net;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto e = endpoint::parse(text)) {
    const auto again = endpoint::parse(e->str());
    require(again && *again == *e);
  }
  if (const auto address = canonical_address(text)) {
    require(canonical_address(*address) == address);
    require(bool(endpoint::parse(endpoint{*address, 1}.str())));
  }
  if (const auto port = port_number(text)) require(port_number(std::to_string(*port)) == port);
  const auto parts = split_descriptors(text, "host");
  const bool binds = bool(check_binds(text)), seeds = bool(check_seeds(text));
  require(!parts || !parts->empty());
  require(bool(parts) || (!binds && !seeds));
  return 0;
}
