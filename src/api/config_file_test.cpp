#include "api/config_file.hpp"

#include <gtest/gtest.h>

#include "api/scratch_home_test.hpp"

namespace aemp::api {
namespace {

class config_files : public ::testing::Test {
 protected:
  static config_file parsed(std::string_view text) {
    auto file = config_file::parse(text, "rc");
    if (!file) throw std::runtime_error(file.error().text);
    return std::move(*file);
  }
  // "key=value@profile …"
  static std::string settings_of(const config_file& file, std::string_view profile) {
    const auto settings = file.settings_of(profile);
    if (!settings) return settings.error().text;
    std::string all;
    for (const auto& [key, s] : *settings) all += key + "=" + s.content.to_json() + "@" + s.profile + " ";
    return all;
  }
  static std::string found() { return find_config_place().path; }

  testing::scratch_home home_;
};

// aemp-protocol H.1
constexpr std::string_view sample = R"({
   "version" : 1,
   "secret" : "geheim",
   "profile" : {
      "server" : { "nodeid" : "srv", "binds" : [ "127.0.0.1:45402" ], "services" : [ [ "Demo::start", 7 ] ] },
      "child"  : { "parent" : "server", "nodeid" : "anon/" },
      "aemp"   : { "binds" : [ "127.0.0.1:0" ], "seeds" : [ "127.0.0.1:45402" ] }
   }
}
)";

// ---- where it is ----

TEST_F(config_files, are_looked_for_in_the_home_directory) {
  EXPECT_EQ(found(), home_.path() + "/.perl-anyevent-mp");
  const std::string own = home_.write(".config/aemp/config.json", "{}");
  EXPECT_EQ(found(), own);
  EXPECT_EQ(find_config_place().variable, "");
}

TEST_F(config_files, are_looked_for_where_the_variables_say_in_their_order) {
  home_.set("PERL_ANYEVENT_MP_RC", "perls");
  EXPECT_EQ(found(), "perls");
  home_.set("XDG_CONFIG_HOME", home_.path() + "/xdg");
  EXPECT_EQ(found(), "perls") << "there is no such file";
  const std::string own = home_.write("xdg/aemp/config.json", "{}");
  EXPECT_EQ(found(), own);
  EXPECT_EQ(find_config_place().variable, "XDG_CONFIG_HOME");
  home_.set("AEMP_CONFIG", "mine");
  EXPECT_EQ(found(), "mine");
}

TEST_F(config_files, are_not_looked_for_where_a_variable_cannot_mean) {
  home_.set("AEMP_CONFIG", "");
  home_.set("PERL_ANYEVENT_MP_RC", "");
  home_.set("XDG_CONFIG_HOME", "relative");
  const std::string own = home_.write(".config/aemp/config.json", "{}");
  EXPECT_EQ(found(), own);
  home_.unset("HOME");
  EXPECT_EQ(found(), "");
  EXPECT_TRUE(config_file::read(find_config_place())->content().empty());
}

// ---- reading it ----

TEST_F(config_files, may_be_absent_in_their_usual_place) {
  const auto file = config_file::read(find_config_place());
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->content().empty());
  EXPECT_EQ(file->path(), home_.path() + "/.perl-anyevent-mp");
}

TEST_F(config_files, must_exist_where_a_variable_says) {
  for (const char* variable : {"PERL_ANYEVENT_MP_RC", "AEMP_CONFIG"}) {
    home_.set(variable, home_.path() + "/absent");
    const auto file = config_file::read(find_config_place());
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().name, "config_file_unreadable");
    EXPECT_NE(file.error().text.find(home_.path() + "/absent (named by the variable " + variable + ")"),
              std::string::npos)
        << file.error().text;
  }
}

TEST_F(config_files, cannot_be_directories) {
  home_.write(".perl-anyevent-mp/file", "");
  const auto file = config_file::read(find_config_place());
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().name, "config_file_unreadable");
}

TEST_F(config_files, may_be_empty) {
  home_.set("AEMP_CONFIG", "/dev/null");
  EXPECT_TRUE(config_file::read(find_config_place())->content().empty());
}

TEST_F(config_files, with_a_secret_are_refused_when_others_may_use_them) {
  for (const char* text : {R"({"secret":"s"})", R"({"profile":{"x":{"secret":"s"}}})", R"({"cert":"pem"})"}) {
    for (const mode_t mode : {0640, 0604, 0620, 0660}) {
      const std::string path = home_.write(".perl-anyevent-mp", text, mode);
      const auto file = config_file::read(find_config_place());
      ASSERT_FALSE(file) << text;
      EXPECT_EQ(file.error().name, "config_file_is_open");
      EXPECT_NE(file.error().text.find("chmod 600 " + path), std::string::npos) << file.error().text;
    }
    home_.write(".perl-anyevent-mp", text, 0600);
    EXPECT_TRUE(config_file::read(find_config_place())) << text;
  }
}

TEST_F(config_files, without_a_secret_may_be_open) {
  home_.write(".perl-anyevent-mp", R"({"nodeid":"x","secret":null,"profile":{"secret":{}}})", 0644);
  EXPECT_TRUE(config_file::read(find_config_place()));
}

TEST_F(config_files, name_the_place_of_what_is_wrong) {
  const std::string path = home_.write(".perl-anyevent-mp", "{\n  \"nodeid\" : \"x\"\n  \"seeds\" : []\n}\n");
  const auto file = config_file::read(find_config_place());
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().name, "bad_json");
  EXPECT_TRUE(file.error().text.starts_with(path + ":3:3: ")) << file.error().text;
}

TEST_F(config_files, are_maps_of_maps) {
  const auto error_of = [](std::string_view text) {
    const auto file = config_file::parse(text, "rc");
    return file ? "" : file.error().name + ": " + file.error().text;
  };
  EXPECT_TRUE(error_of("[]").starts_with("bad_config_file: rc: the file is")) << error_of("[]");
  EXPECT_TRUE(error_of(R"({"profile":[]})").starts_with("bad_config_file: rc: 'profile' is"));
  EXPECT_TRUE(error_of(R"({"profile":{"x":1}})").starts_with("bad_config_file: rc: profile 'x' is"));
  EXPECT_TRUE(error_of(R"({"profile":{"x":{"parent":{}}}})")
                  .starts_with("bad_config_file: rc: the parent of profile 'x' is"));
}

// ---- profiles ----

TEST_F(config_files, of_the_perl_tool_are_read_as_they_are) {
  const config_file file = parsed(sample);
  EXPECT_EQ(file.profiles(), (std::vector<std::string>{"aemp", "child", "server"}));
  EXPECT_TRUE(file.holds_secret());
  EXPECT_EQ(
      settings_of(file, "server"),
      R"(binds=["127.0.0.1:45402"]@server nodeid="srv"@server secret="geheim"@ services=[["Demo::start",7]]@server )");
  EXPECT_EQ(
      settings_of(file, "child"),
      R"(binds=["127.0.0.1:45402"]@server nodeid="anon/"@child secret="geheim"@ services=[["Demo::start",7]]@server )");
  EXPECT_EQ(settings_of(file, "aemp"),
            R"(binds=["127.0.0.1:0"]@aemp secret="geheim"@ seeds=["127.0.0.1:45402"]@aemp )");
  EXPECT_EQ(file.content().at("version"), value(1));
}

TEST_F(config_files, give_a_profile_that_is_not_there_the_part_for_all) {
  EXPECT_EQ(settings_of(parsed(sample), "nobody"), R"(secret="geheim"@ )");
  EXPECT_EQ(settings_of(config_file(), "nobody"), "");
}

TEST_F(config_files, let_the_innermost_profile_have_the_last_word) {
  const config_file file = parsed(R"({"a":0,"b":0,"c":0,"d":0,"profile":{
    "grandparent":{"b":1,"c":1,"d":1}, "parent":{"parent":"grandparent","c":2,"d":2}, "child":{"parent":"parent","d":3}}})");
  EXPECT_EQ(settings_of(file, "child"), "a=0@ b=1@grandparent c=2@parent d=3@child ");
}

TEST_F(config_files, refuse_parents_that_go_in_a_circle) {
  const config_file file = parsed(
      R"({"profile":{"a":{"parent":"b"},"b":{"parent":"c"},"c":{"parent":"b"},"self":{"parent":"self"}}})");
  EXPECT_EQ(file.settings_of("a").error().name, "parent_loop");
  EXPECT_EQ(settings_of(file, "a"), "rc: the parents of profile 'a' go in a circle: a -> b -> c -> b");
  EXPECT_EQ(settings_of(file, "self"), "rc: the parents of profile 'self' go in a circle: self -> self");
}

TEST_F(config_files, name_a_parent_that_is_not_there) {
  const config_file file = parsed(R"({"profile":{"a":{"parent":"b"},"c":{"parent":null}}})");
  EXPECT_EQ(file.settings_of("a").error().name, "no_such_profile");
  EXPECT_EQ(settings_of(file, "a"), "rc: the parent 'b' of profile 'a' does not exist; there are: a c");
  EXPECT_EQ(settings_of(file, "c"), "");
}

}  // namespace
}  // namespace aemp::api
