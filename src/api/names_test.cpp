#include "api/names.hpp"

#include <gtest/gtest.h>

#include <set>

#include <aemp/node.hpp>

#include <unistd.h>

namespace aemp::api {
namespace {

std::string id_of(config settings) { return node_id_of(settings, machine_environment()); }

// The random end of a name that begins so.
std::string random_end(const std::string& id, const std::string& begin) {
  EXPECT_TRUE(id.starts_with(begin)) << id;
  return id.substr(begin.size());
}

TEST(names, a_configured_id_is_taken_as_it_is) {
  EXPECT_EQ(id_of({.nodeid = "alpha"}), "alpha");
  EXPECT_EQ(id_of({.profile = "profile", .nodeid = "eg/alpha.1:x"}), "eg/alpha.1:x");
}

TEST(names, a_trailing_slash_is_completed_at_random) {
  const std::string a = random_end(id_of({.nodeid = "anon/"}), "anon/");
  const std::string b = random_end(id_of({.nodeid = "anon/"}), "anon/");
  EXPECT_EQ(a.size(), 10u);
  EXPECT_NE(a, b);
}

TEST(names, without_an_id_it_is_the_profile_or_the_host) {
  EXPECT_EQ(random_end(id_of({.profile = "worker"}), "worker/").size(), 10u);
  EXPECT_EQ(random_end(id_of({}), host_name() + "/").size(), 10u);
}

TEST(names, percent_n_is_the_host_and_percent_u_is_random) {
  EXPECT_EQ(id_of({.nodeid = "x-%n-%n"}), "x-" + host_name() + "-" + host_name());
  const std::string random = random_end(id_of({.nodeid = "x%u"}), "x");
  EXPECT_EQ(random.size(), 10u);
  EXPECT_EQ(random.find('%'), std::string::npos);
  EXPECT_EQ(id_of({.nodeid = "100%"}), "100%");
}

TEST(names, what_cannot_be_an_id_is_refused) {
  for (const char* bad : {"a#b", "a;b", "a\nb", "a\rb", "a\tb", "a\x7f"}) {
    try {
      id_of({.nodeid = bad});
      FAIL() << bad;
    } catch (const start_error& e) {
      EXPECT_EQ(e.name(), "bad_node_id");
      EXPECT_NE(std::string(e.what()).find("cannot be a node ID"), std::string::npos);
    }
  }
  EXPECT_EQ(id_of({.nodeid = std::string(255, 'x')}).size(), 255u);
  EXPECT_THROW(id_of({.nodeid = std::string(256, 'x')}), start_error);
}

TEST(names, a_private_node_is_process_at_host) {
  EXPECT_EQ(private_node_id(), std::to_string(::getpid()) + "@" + host_name());
  const node me;
  EXPECT_EQ(me.id(), private_node_id());
}

TEST(names, random_words_are_letters_and_digits_of_every_kind) {
  std::set<char> seen;
  for (char c : random_word(machine_environment(), 5000)) {
    EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)));
    seen.insert(c);
  }
  EXPECT_EQ(seen.size(), 62u);
  EXPECT_EQ(random_word(machine_environment(), 0), "");
}

// The letters come from the environment's randomness alone, and evenly: bytes from 248 on are not used.
TEST(names, random_words_follow_their_source) {
  environment world = machine_environment();
  unsigned char next = 240;
  world.random = [&](std::span<std::byte> out) {
    for (std::byte& b : out) b = std::byte{next++};
  };
  EXPECT_EQ(random_word(world, 10), "stuvwxyz01");
}

}  // namespace
}  // namespace aemp::api
