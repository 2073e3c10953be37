#include "api/secret.hpp"

#include <gtest/gtest.h>

#include "api/scratch_home_test.hpp"

namespace aemp::api {
namespace {

using testing::scratch_home;

TEST(secret, is_the_whole_content_of_the_file_at_home) {
  scratch_home home;
  home.write(".aemp-secret", "line\n");
  const auto found = find_secret({});
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, "line\n");
}

TEST(secret, of_the_configuration_comes_first) {
  scratch_home home;
  home.write(".aemp-secret", "from the file", 0644);
  const auto found = find_secret({.secret = "from the program"});
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, "from the program");
}

TEST(secret, may_be_missing) {
  scratch_home home;
  const auto no_file = find_secret({});
  ASSERT_TRUE(no_file);
  EXPECT_EQ(*no_file, std::nullopt);
  for (const char* nowhere : {"", "/nonexistent/home"}) {
    home.set("HOME", nowhere);
    ASSERT_TRUE(find_secret({}));
    EXPECT_EQ(*find_secret({}), std::nullopt);
  }
  home.unset("HOME");
  EXPECT_EQ(*find_secret({}), std::nullopt);
}

TEST(secret, that_others_can_use_is_refused_with_the_remedy) {
  scratch_home home;
  for (const mode_t mode : {0640, 0604, 0644, 0660, 0602, 0601, 0777}) {
    const std::string path = home.write(".aemp-secret", "secret", mode);
    const auto found = find_secret({});
    ASSERT_FALSE(found) << std::oct << mode;
    EXPECT_EQ(found.error().name, "secret_file_is_open");
    EXPECT_NE(found.error().text.find("chmod 600 " + path), std::string::npos) << found.error().text;
  }
  for (const mode_t mode : {0600, 0400}) {
    home.write(".aemp-secret", "secret", mode);
    EXPECT_TRUE(find_secret({})) << std::oct << mode;
  }
}

TEST(secret, that_is_empty_is_refused) {
  scratch_home home;
  home.write(".aemp-secret", "");
  const auto found = find_secret({});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().name, "secret_file_empty");
}

TEST(secret, that_cannot_be_read_is_refused_with_the_reason) {
  scratch_home home;
  home.write(".aemp-secret/file", "a folder, not a file");
  ::chmod((home.path() + "/.aemp-secret").c_str(), 0700);
  const auto found = find_secret({});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().name, "secret_file_unreadable");
  EXPECT_NE(found.error().text.find(home.path() + "/.aemp-secret"), std::string::npos);
  EXPECT_EQ(read_secret_file(home.path() + "/none").error().name, "secret_file_unreadable");
}

}  // namespace
}  // namespace aemp::api
