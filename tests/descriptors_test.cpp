// What programs that a process starts get of its nodes: nothing. An inherited socket keeps the port in use
// when the node is gone, and its peers from hearing that it is.
#include <gtest/gtest.h>

#include <cstdio>

#include "net/certificates_test.hpp"
#include "net/descriptors_test.hpp"
#include "tests/live_node.hpp"

namespace aemp::testing {
namespace {

// What is left of a started program's descriptors without the standard ones, as `ls` shows them.
std::string descriptors_of_a_child(const std::set<int>& before) {
  std::string command = "for d in /proc/self/fd/*; do case ${d##*/} in 0|1|2";
  for (const int d : before) command += '|' + std::to_string(d);
  command += ") ;; *) readlink $d;; esac; done; true";
  std::FILE* const child = ::popen(command.c_str(), "re");
  if (child == nullptr) throw std::runtime_error("no program can be started");
  std::string said;
  for (int c; (c = std::fgetc(child)) != EOF;) said += static_cast<char>(c);
  EXPECT_EQ(::pclose(child), 0);
  return said;
}

class descriptors : public ::testing::TestWithParam<const char*> {};

TEST_P(descriptors, of_nodes_do_not_go_to_programs_that_the_process_starts) {
  const std::set<int> before = net::testing::open_descriptors();
  awaited<bool> up;
  config settings{.nodeid = "listens", .binds = {"127.0.0.1:0"}, .secret = "geheim"};
  const std::string kind = GetParam();
  if (kind == "certificates") settings.cert = net::testing::make_identity("both").pem();
  if (kind == "secret") settings.encryption = "required";
  live_node listens(settings);
  settings.nodeid = "dials";
  settings.seeds = {listens.endpoint()};
  live_node dials(settings);
  listens.node.mon_nodes([&](const std::string& node, bool is_up) {
    if (node == "dials" && is_up) up.set(true);
  });
  listens.start();
  dials.start();
  ASSERT_TRUE(up.get());
  EXPECT_EQ(net::testing::inherited_since(before), "");
  EXPECT_EQ(descriptors_of_a_child(before), "");
}

INSTANTIATE_TEST_SUITE_P(with_encryption_by, descriptors,
                         ::testing::Values("nothing", "secret", "certificates"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace aemp::testing
