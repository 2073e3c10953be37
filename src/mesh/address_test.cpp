#include "mesh/address.hpp"

#include <gtest/gtest.h>

namespace aemp::mesh {
namespace {

using kind = address::kind;

TEST(address, is_a_name_unless_every_part_is_host_and_port) {
  for (const char* name :
       {"alpha", "anon/x1y2", "4040", "", "host:", ":4040", "host:0", "host:65536", "host:http", "a:1,b",
        "a:1,", "a/b:1", "::1:55", "[x]:55", "a b:1", "x@y", "x@y:http"}) {
    EXPECT_EQ(kind::name, address_of(name).what) << name;
  }
}

TEST(address, reads_noderefs) {
  const address a = address_of("10.0.0.1:4040,[::1]:55,example.org:7");
  EXPECT_EQ(kind::noderef, a.what);
  EXPECT_EQ((std::vector<place>{{"10.0.0.1", 4040}, {"::1", 55}, {"example.org", 7}}), a.places);
  EXPECT_EQ("[::1]:55", a.places[1].str());
  EXPECT_EQ("example.org:7", a.places[2].str());
}

TEST(address, reads_hidden_nodes_and_their_masters) {
  const address a = address_of("23530@10.0.0.1:4040");
  EXPECT_EQ(kind::hidden, a.what);
  EXPECT_EQ((std::vector<place>{{"10.0.0.1", 4040}}), a.places);
}

}  // namespace
}  // namespace aemp::mesh
