#include "api/effective_config.hpp"

#include <aemp/log.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "api/names.hpp"

namespace aemp::api {
namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

class effective : public ::testing::Test {
 protected:
  effective() {
    set_log_level(9);
    set_log_sink([this](int level, std::string_view text) {
      log_ += std::to_string(level) + " " + std::string(text) + "\n";
    });
  }
  ~effective() override {
    set_log_sink({});
    set_log_level(5);
  }

  static result<config> of(config program, std::string_view file) {
    auto parsed = config_file::parse(file, "rc");
    if (!parsed) return parsed.error();
    return effective_config(std::move(program), *parsed);
  }
  // With a profile "x" that has these settings only.
  static config with(const std::string& settings) {
    auto made = of({.profile = "x"}, R"({"profile":{"x":{)" + settings + "}}}");
    if (!made) throw std::runtime_error(made.error().text);
    return std::move(*made);
  }
  static std::string refusal(const std::string& settings) {
    const auto made = of({.profile = "x"}, R"({"profile":{"x":{)" + settings + "}}}");
    return made ? "" : made.error().name + " " + made.error().text;
  }

  std::string log_;
};

// ---- who has the last word (aemp-protocol B.8) ----

constexpr std::string_view four_levels = R"({
  "nodeid" : "all", "monitor_timeout" : 1, "connect_interval" : 1, "secret" : "all",
  "profile" : {
    "outer" : { "monitor_timeout" : 2, "connect_interval" : 2, "secret" : "outer" },
    "inner" : { "parent" : "outer", "connect_interval" : 3, "secret" : "inner" },
  },
})";

TEST_F(effective, settings_of_the_file_beat_the_program) {
  const config program = {
      .profile = "inner", .nodeid = "program", .binds = {"*:1"}, .secret = "program", .monitor_timeout = 9s};
  const auto c = of(program, four_levels);
  ASSERT_TRUE(c);
  EXPECT_EQ(c->nodeid, "all");
  EXPECT_EQ(c->monitor_timeout, 2s);
  EXPECT_EQ(c->connect_interval, 3s);
  EXPECT_EQ(c->secret, "inner");
  EXPECT_EQ(c->binds.items(), strings{"*:1"}) << "the file says nothing of it";
  EXPECT_FALSE(c->seeds.given());
  EXPECT_EQ(c->profile, "inner");
}

TEST_F(effective, settings_of_a_program_that_forces_beat_the_file) {
  const config program = {
      .profile = "inner", .nodeid = "program", .binds = {}, .monitor_timeout = 9s, .force = true};
  const auto c = of(program, four_levels);
  ASSERT_TRUE(c);
  EXPECT_EQ(c->nodeid, "program");
  EXPECT_EQ(c->monitor_timeout, 9s);
  EXPECT_EQ(c->connect_interval, 3s) << "the program says nothing of it";
  EXPECT_EQ(c->secret, "inner");
  EXPECT_TRUE(c->binds.given());
}

TEST_F(effective, settings_given_by_a_program_that_forces_are_seen_for_every_key) {
  const config program = {.profile = "x",
                          .nodeid = "n",
                          .binds = {},
                          .seeds = {},
                          .secret = "",
                          .cert = "pem",
                          .encryption = "off",
                          .monitor_timeout = 1s,
                          .connect_interval = 1s,
                          .framing_format = {"json"},
                          .auth_offer = {"cleartext"},
                          .auth_accept = {"cleartext"},
                          .services = {message("own")},
                          .secure = true,
                          .workers = 1,
                          .force = true};
  const auto c = of(
      program,
      R"({"nodeid":"f","binds":"f","seeds":"f","secret":"f","cert":"f","encryption":"auto","monitor_timeout":5,"connect_interval":5,
    "framing_format":"cbor","auth_offer":"tls_anon","auth_accept":"tls_anon","services":"f","secure":0,"workers":5,"profile":{"x":{}}})");
  ASSERT_TRUE(c) << c.error().text;
  EXPECT_EQ(c->nodeid, "n");
  EXPECT_TRUE(c->binds.items().empty());
  EXPECT_TRUE(c->seeds.items().empty());
  EXPECT_EQ(c->secret, "");
  EXPECT_EQ(c->cert, "pem");
  EXPECT_EQ(c->encryption, "off");
  EXPECT_EQ(c->monitor_timeout, 1s);
  EXPECT_EQ(c->connect_interval, 1s);
  EXPECT_EQ(c->framing_format.items(), strings{"json"});
  EXPECT_EQ(c->auth_offer.items(), strings{"cleartext"});
  EXPECT_EQ(c->auth_accept.items(), strings{"cleartext"});
  EXPECT_EQ(c->services.at(0).tag(), "own");
  EXPECT_TRUE(c->secure);
  EXPECT_EQ(c->workers, 1u);
}

TEST_F(effective, profile_is_that_of_the_host_when_none_is_asked_for) {
  const std::string file =
      R"({"nodeid":"all","profile":{")" + host_name() + R"(":{"nodeid":"mine"},"other":{"nodeid":"not"}}})";
  EXPECT_EQ(of({}, file)->nodeid, "mine");
  EXPECT_EQ(of({}, R"({"nodeid":"all","profile":{"another host":{"nodeid":"not"}}})")->nodeid, "all");
}

TEST_F(effective, profile_that_the_program_asks_for_must_exist) {
  const auto c = of({.profile = "inter"}, four_levels);
  ASSERT_FALSE(c);
  EXPECT_EQ(c.error().name, "no_such_profile");
  EXPECT_EQ(c.error().text,
            "the program asks for profile 'inter', which does not exist in rc; there are: inner outer");
  const auto without = effective_config({.profile = "x"}, config_file());
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().text,
            "the program asks for profile 'x', which does not exist in any configuration file; there are no "
            "profiles");
}

TEST_F(effective, parents_that_are_wrong_are_told) {
  EXPECT_EQ(of({.profile = "a"}, R"({"profile":{"a":{"parent":"a"}}})").error().name, "parent_loop");
  EXPECT_EQ(of({.profile = "a"}, R"({"profile":{"a":{"parent":"b"}}})").error().name, "no_such_profile");
}

TEST_F(effective, settings_of_the_documented_example_are_what_its_text_says) {
  std::ifstream page(AEMP_VECTORS_DIR "/../../docs/configuration.md");
  const std::string text{std::istreambuf_iterator<char>(page), std::istreambuf_iterator<char>()};
  const std::size_t begin = text.find("```\n{");
  ASSERT_NE(begin, std::string::npos);
  const std::string example = text.substr(begin + 4, text.find("\n```", begin) - begin - 4);
  const auto c = of({.profile = "laptop"}, example);
  ASSERT_TRUE(c) << c.error().text;
  EXPECT_EQ(c->nodeid, "worker/%n/");
  EXPECT_TRUE(c->binds.given() && c->binds.items().empty());
  EXPECT_EQ(c->seeds.items().size(), 2u);
  EXPECT_EQ(c->services.at(0).to_json(), R"(["work::start",8])");
}

// ---- how values may be written ----

TEST_F(effective, texts_may_be_numbers) {
  EXPECT_EQ(with(R"("nodeid":17)").nodeid, "17");
  EXPECT_EQ(with(R"("secret":"geheim")").secret, "geheim");
  EXPECT_EQ(with(R"("secret":"")").secret, "");
  EXPECT_EQ(with(R"("cert":"-----BEGIN\n")").cert, "-----BEGIN\n");
}

TEST_F(effective, lists_may_be_texts_with_commas) {
  EXPECT_EQ(with(R"("binds":["127.0.0.1:1","[::1]:2"])").binds.items(), (strings{"127.0.0.1:1", "[::1]:2"}));
  EXPECT_EQ(with(R"("seeds":"a:1, b:2 ,,")").seeds.items(), (strings{"a:1", "b:2"}));
  EXPECT_EQ(with(R"("seeds":[4040,"a:1"])").seeds.items(), (strings{"4040", "a:1"}));
  EXPECT_EQ(with(R"("seeds":4040)").seeds.items(), strings{"4040"});
  for (const char* none : {R"("binds":[])", R"("binds":"")"}) {
    const config c = with(none);
    EXPECT_TRUE(c.binds.given());
    EXPECT_TRUE(c.binds.items().empty());
  }
}

TEST_F(effective, durations_are_seconds_and_their_fractions_as_numbers_or_text) {
  EXPECT_EQ(with(R"("monitor_timeout":10)").monitor_timeout, 10s);
  EXPECT_EQ(with(R"("monitor_timeout":"10")").monitor_timeout, 10s);
  EXPECT_EQ(with(R"("monitor_timeout":0.25)").monitor_timeout, 250ms);
  EXPECT_EQ(with(R"("connect_interval":"1.5")").connect_interval, 1500ms);
  EXPECT_EQ(with(R"("connect_interval":1e9)").connect_interval, 1000000000s);
}

TEST_F(effective, truth_is_what_people_and_perl_write) {
  for (const char* yes : {"true", "1", "\"1\"", "\"on\"", "\"yes\"", "\"true\"", "\"True\"", "1.0"}) {
    EXPECT_TRUE(with(R"("secure":)" + std::string(yes)).secure) << yes;
    EXPECT_TRUE(with(R"("global":)" + std::string(yes)).global) << yes;
    EXPECT_EQ(with(R"("inspect":)" + std::string(yes)).inspect, true) << yes;
  }
  for (const char* no : {"false", "0", "\"0\"", "\"\"", "0.0", "\"false\"", "\"no\"", "\"off\"", "\"OFF\""}) {
    EXPECT_FALSE(
        of({.profile = "x", .secure = true}, R"({"profile":{"x":{"secure":)" + std::string(no) + "}}}")
            ->secure)
        << no;
    EXPECT_FALSE(with(R"("global":)" + std::string(no)).global) << no;
    EXPECT_EQ(with(R"("inspect":)" + std::string(no)).inspect, false) << no;
  }
  const auto c = of({.secure = true}, R"({"secure":0})");
  EXPECT_FALSE(c->secure) << "the file beats the program here, too";
}

TEST_F(effective, numbers_of_workers_may_be_text) {
  EXPECT_EQ(with(R"("workers":4)").workers, 4u);
  EXPECT_EQ(with(R"("workers":"0")").workers, 0u);
}

TEST_F(effective, spinning_is_in_microseconds) {
  EXPECT_EQ(of({}, R"({"profile":{"x":{}}})")->spin, std::nullopt);
  EXPECT_EQ(with(R"("spin":50)").spin, 50us);
  EXPECT_EQ(with(R"("spin":"0")").spin, 0us);
}

TEST_F(effective, the_limit_of_memory_is_in_bytes) {
  EXPECT_EQ(of({}, R"({"profile":{"x":{}}})")->memory_limit, 0u);
  EXPECT_EQ(with(R"("memory_limit":1e9)").memory_limit, 1'000'000'000u);
  EXPECT_EQ(with(R"("memory_limit":"5000000")").memory_limit, 5'000'000u);
  EXPECT_EQ(with(R"("memory_full":"fail")").memory_full, "fail");
}

TEST_F(effective, services_are_names_and_names_with_arguments) {
  const config c = with(R"("services":["Some::Module::","plain",["Demo::start",7,[null]]])");
  ASSERT_EQ(c.services.size(), 3u);
  EXPECT_EQ(c.services[0].to_json(), R"(["Some::Module::"])");
  EXPECT_EQ(c.services[1].to_json(), R"(["plain"])");
  EXPECT_EQ(c.services[2].to_json(), R"(["Demo::start",7,[null]])");
  EXPECT_EQ(with(R"("services":"a,b")").services.size(), 2u);
}

TEST_F(effective, methods_and_framings_that_others_know_are_skipped) {
  const config c = with(R"("auth_offer":["new_method","hmac_sha3_512"],"framing_format":"sereal,json")");
  EXPECT_EQ(c.auth_offer.items(), strings{"hmac_sha3_512"});
  EXPECT_EQ(c.framing_format.items(), strings{"json"});
  EXPECT_NE(log_.find("2 configuration: 'sereal' in framing_format is not known here; skipped"),
            std::string::npos)
      << log_;
}

TEST_F(effective, keys_that_are_not_known_are_logged_once_with_what_they_may_have_meant) {
  with(R"("bind":[],"secert":"geheim","NodeID":"n","monitor-timeout":1,"colour":"blue")");
  for (const char* line : {"2 rc: bind of profile 'x' is not known here; skipped; did you mean binds?\n",
                           "2 rc: secert of profile 'x' is not known here; skipped; did you mean secret",
                           "is not known here; skipped; did you mean nodeid?\n",
                           "is not known here; skipped; did you mean monitor_timeout?\n",
                           "2 rc: colour of profile 'x' is not known here; skipped\n"}) {
    EXPECT_NE(log_.find(line), std::string::npos) << line << log_;
    EXPECT_EQ(log_.find(line), log_.rfind(line)) << line << log_;
  }
}

TEST_F(effective, keys_that_are_not_known_are_found_in_all_profiles) {
  const auto file = config_file::parse(
      R"({"version":1,"secert":"s","eval":"x","parent":"q",
          "profile":{"p":{"parent":"q","bind":1},"q":{"profile":{}},"r":null}})",
      "rc");
  ASSERT_TRUE(file);
  std::string found;
  for (const config_remark& r : remarks_on_keys(*file))
    found += std::to_string(r.level) + " " + r.what + r.hint + "\n";
  EXPECT_EQ(found,
            "7 rc: eval has no effect: no code is ever evaluated\n"
            "2 rc: parent belongs into a profile\n"
            "2 rc: secert is not known here; did you mean secret, secure?\n"
            "2 rc: bind of profile 'p' is not known here; did you mean binds?\n"
            "2 rc: profile of profile 'q' belongs on the top level\n");
}

TEST_F(effective, remarks_for_who_is_no_node_are_not_logged) {
  config_remarks remarks;
  const auto file = config_file::parse(R"({"bind":1,"framing_format":"jsn,json"})", "rc");
  ASSERT_TRUE(effective_config({}, *file, remarks));
  EXPECT_EQ(log_, "");
  ASSERT_EQ(remarks.size(), 2u);
  EXPECT_EQ(remarks[1].str(),
            "configuration: 'jsn' in framing_format is not known here; skipped; did you mean json?");
}

TEST_F(effective, keys_without_meaning_here_are_logged_and_skipped) {
  with(R"("eval":1,"autocork":"1","nodelay":0,"nodeid":null)");
  for (const char* key : {"eval", "autocork", "nodelay"}) {
    EXPECT_NE(log_.find(std::string("7 rc: ") + key + " of profile 'x' has no effect"), std::string::npos)
        << log_;
  }
  EXPECT_EQ(log_.find("nodeid"), std::string::npos) << "null is as if the key were not there";
}

TEST_F(effective, settings_that_make_no_sense_are_refused_with_their_place) {
  EXPECT_EQ(refusal(R"("monitor_timeout":"soon")"),
            "bad_setting rc: monitor_timeout of profile 'x' is \"soon\", seconds, above 0 and up to "
            "1000000000, are expected");
  for (const char* setting : {R"("nodeid":[])",
                              R"("nodeid":true)",
                              R"("binds":{})",
                              R"("seeds":[[]])",
                              R"("seeds":[null])",
                              R"("monitor_timeout":0)",
                              R"("monitor_timeout":-1)",
                              R"("monitor_timeout":1e999)",
                              R"("monitor_timeout":0.001)",
                              R"("monitor_timeout":"10s")",
                              R"("connect_interval":0.001)",
                              R"("binds":"127.0.0.1:99999")",
                              R"("binds":["127.0.0.1:1","a b"])",
                              R"("seeds":"host")",
                              R"("seeds":"::1:4040")",
                              R"("global_versions":"1,3")",
                              R"("services":[""])",
                              R"("services":[["",1]])",
                              R"("secure":"2")",
                              R"("secure":"maybe")",
                              R"("secure":0.5)",
                              R"("global":"nein")",
                              R"("inspect":2)",
                              R"("workers":257)",
                              R"("workers":100000)",
                              R"("workers":1.5)",
                              R"("connect_interval":true)",
                              R"("framing_format":[])",
                              R"("framing_format":"sereal")",
                              R"("auth_accept":"telepathy")",
                              R"("services":{})",
                              R"("services":[7])",
                              R"("services":[[]])",
                              R"("services":[[7]])",
                              R"("secure":[])",
                              R"("encryption":"yes")",
                              R"("encryption":true)",
                              R"("workers":-1)",
                              R"("workers":"many")",
                              R"("spin":-1)",
                              R"("spin":1000001)",
                              R"("memory_limit":-1)",
                              R"("memory_limit":"1 GB")",
                              R"("memory_full":"wait")",
                              R"("cert":1)"}) {
    EXPECT_TRUE(refusal(setting).starts_with("bad_setting rc: ")) << setting << ": " << refusal(setting);
  }
  EXPECT_EQ(of({}, R"({"nodeid":{}})").error().text, "rc: nodeid is {}, a text is expected");
  EXPECT_EQ(of({}, R"({"secure":"maybe"})").error().text,
            "rc: secure is \"maybe\", true or false is expected");
  EXPECT_EQ(of({}, R"({"monitor_timeout":0.001})").error().text,
            "rc: monitor_timeout is 0.001, at least 0.1 seconds are expected");
  const auto bad_id = of({}, R"({"nodeid":"a#b"})");
  EXPECT_EQ(bad_id.error().name, "bad_node_id");
  EXPECT_TRUE(bad_id.error().text.starts_with("rc: nodeid is \"a#b\", 'a#b' cannot be a node ID"))
      << bad_id.error().text;
}

// Whatever stands behind a key is taken, or refused with the key and what is expected.
TEST_F(effective, any_value_of_any_key_is_taken_or_refused_with_a_text) {
  const char* const values[] = {"null",        "true",
                                "false",       "0",
                                "1",           "-1",
                                "1e400",       "18446744073709551615",
                                "0.5",         R"("")",
                                R"("x")",      R"("1")",
                                R"("\u0000")", R"("\ud83d\ude00")",
                                "[]",          "[[]]",
                                "[null]",      "[1]",
                                R"(["x"])",    R"(["x",["y"]])",
                                "{}",          R"({"a":{}})",
                                R"(",,")"};
  for (const char* key : {"nodeid",          "secret",          "cert",
                          "encryption",      "binds",           "seeds",
                          "services",        "monitor_timeout", "connect_interval",
                          "framing_format",  "auth_offer",      "auth_accept",
                          "secure",          "inspect",         "global",
                          "global_versions", "workers",         "spin",
                          "memory_limit",    "memory_full",     "eval",
                          "colour"}) {
    for (const char* content : values) {
      const std::string why = refusal("\"" + std::string(key) + "\":" + content);
      if (why.empty()) continue;
      EXPECT_TRUE(why.starts_with("bad_") &&
                  why.find(std::string("rc: ") + key + " of profile 'x' is ") != std::string::npos)
          << key << ": " << content << ": " << why;
    }
  }
}

TEST_F(effective, secrets_are_not_shown_in_errors) {
  EXPECT_EQ(refusal(R"("secret":["geheim"])").find("geheim"), std::string::npos);
}

}  // namespace
}  // namespace aemp::api
