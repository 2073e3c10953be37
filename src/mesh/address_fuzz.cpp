// Parses node IDs as addresses. The places of a noderef, written out again, must be the same noderef.
#include <cstdlib>

#include "mesh/address.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using aemp::mesh::address;
  const std::string id(reinterpret_cast<const char*>(data), size);
  const address a = aemp::mesh::address_of(id);
  require(a.places.empty() == (a.what == address::kind::name));
  if (a.what == address::kind::hidden) require(!a.id.empty() && !a.master.empty());
  if (a.what == address::kind::name) return 0;
  std::string written;
  for (const auto& p : a.places) written += (written.empty() ? "" : ",") + p.str();
  const address again = aemp::mesh::address_of(written);
  require(again.what == address::kind::noderef && again.places == a.places);
  return 0;
}
