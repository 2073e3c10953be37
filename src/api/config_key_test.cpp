// The table of keys, and what else says something about them.
#include "api/config_key.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "mesh/settings.hpp"

namespace aemp::api {
namespace {

TEST(config_keys, are_those_of_the_page) {
  std::ifstream file(AEMP_VECTORS_DIR "/../../docs/configuration.md");
  std::ostringstream page;
  page << file.rdbuf();
  ASSERT_TRUE(file);
  EXPECT_NE(page.str().find("## Keys\n\n" + config_keys_page()), std::string::npos)
      << "the section Keys of docs/configuration.md should have this table:\n"
      << config_keys_page();
}

TEST(config_keys, have_defaults_that_a_node_has) {
  const mesh::settings without;
  config given;
  config_remarks remarks;
  for (const config_key& key : config_keys()) {
    if (key.built_in.empty()) continue;
    const result<value> content = value::from_json(key.built_in);
    ASSERT_TRUE(content) << key.name;
    const auto taken = key.take(*content, given, remarks);
    ASSERT_TRUE(taken) << key.name << ": " << taken.error().text;
  }
  EXPECT_TRUE(remarks.empty());
  EXPECT_EQ(without.monitor_timeout, given.monitor_timeout);
  EXPECT_EQ(without.connect_interval, given.connect_interval);
  EXPECT_EQ(without.framings.size() + 1, given.framing_format.items().size()) << "and aemp1";
  EXPECT_EQ((std::vector<std::string>{"1", "2"}), given.global_versions.items());
  EXPECT_TRUE(without.global_1 && without.global_2);
  const config empty;
  EXPECT_EQ(empty.secure, given.secure);
  EXPECT_EQ(empty.memory_limit, given.memory_limit);
  EXPECT_EQ(empty.global, given.global);
  EXPECT_EQ(empty.network_thread, given.network_thread);
  EXPECT_EQ(empty.allow_weak_secret, given.allow_weak_secret);
}

TEST(config_keys, are_found_by_name_and_those_of_the_original_say_why_they_have_no_effect) {
  EXPECT_NE(nullptr, find_setting("nodeid"));
  EXPECT_EQ(nullptr, find_setting("parent")) << "it belongs to the file";
  EXPECT_EQ(nullptr, find_setting("autocork"));
  EXPECT_EQ(nullptr, find_config_key("bind"));
  EXPECT_FALSE(why_without_effect("autocork").empty());
  EXPECT_TRUE(why_without_effect("nodeid").empty());
}

}  // namespace
}  // namespace aemp::api
