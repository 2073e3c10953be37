// Nodes and the configuration file: who reads it, what it does to them, and what they start.
#include <aemp/aemp.hpp>

#include <gtest/gtest.h>

#include "api/names.hpp"
#include "api/scratch_home_test.hpp"

namespace aemp::api {
namespace {

class configured_nodes : public ::testing::Test {
 protected:
  configured_nodes() {
    set_log_level(9);
    set_log_sink([this](int, std::string_view text) { log_ += std::string(text) + "\n"; });
  }
  ~configured_nodes() override {
    set_log_sink({});
    set_log_level(5);
  }

  void write(const std::string& file) { home_.write(".perl-anyevent-mp", file); }
  static std::string error_of(config settings) {
    try {
      node n(std::move(settings));
      return "";
    } catch (const start_error& e) {
      return e.name();
    }
  }

  testing::scratch_home home_;
  std::string log_;
};

TEST_F(configured_nodes, take_the_settings_of_their_profile) {
  write(R"({ # for all
    "secret" : "geheim", "binds" : "127.0.0.1:*",
    "profile" : { "db" : { "nodeid" : "%n/db/%u", }, },
  })");
  node n{{.profile = "db"}};
  const std::string id = n.id();
  const std::string start = host_name() + "/db/";
  EXPECT_TRUE(id.starts_with(start)) << id;
  EXPECT_EQ(id.size(), start.size() + 10) << id;
  EXPECT_EQ(n.listening().size(), 1u);
}

TEST_F(configured_nodes, refuse_an_encryption_that_does_not_exist) {
  EXPECT_EQ(error_of({.nodeid = "me", .secret = "geheim", .encryption = "sometimes", .norc = true}),
            "unknown_encryption");
  EXPECT_EQ(error_of({.nodeid = "me", .secret = "geheim", .encryption = "required", .norc = true}), "");
}

TEST_F(configured_nodes, take_the_sample_of_the_perl_tool) {
  write(R"({
   "version" : 1,
   "secret" : "geheim",
   "profile" : {
      "server" : { "nodeid" : "srv", "binds" : [ "127.0.0.1:0" ], "services" : [ [ "Demo::start", 7 ] ] },
      "child"  : { "parent" : "server", "nodeid" : "anon/" },
      "aemp"   : { "binds" : [ "127.0.0.1:0" ], "seeds" : [ "127.0.0.1:45402" ] }
   }
})");
  int started = 0;
  node server{{.profile = "server"}};
  server.define("Demo::start", [&](int n) {
    started = n;
    server.stop();
  });
  EXPECT_EQ(server.id(), "srv");
  EXPECT_EQ(server.run(), 0);
  EXPECT_EQ(started, 7);

  node child{{.profile = "child"}};
  EXPECT_TRUE(child.id().starts_with("anon/"));
  EXPECT_GT(child.id().size(), 5u);
}

TEST_F(configured_nodes, listen_nowhere_when_the_file_says_so) {
  write(R"({"nodeid":"from the file","binds":[]})");
  node n{{.binds = {"127.0.0.1:*"}, .secret = "s"}};
  EXPECT_EQ(n.id(), "from the file");
  EXPECT_TRUE(n.listening().empty());
}

TEST_F(configured_nodes, read_no_file_when_they_are_told_so) {
  write("nonsense");
  EXPECT_EQ(error_of({.nodeid = "x", .binds = {}, .secret = "s", .norc = true}), "");
  EXPECT_EQ(error_of({.profile = "x", .binds = {}, .secret = "s", .norc = true}), "")
      << "then a profile is only a name";
  EXPECT_EQ(error_of({.nodeid = "x", .binds = {}, .secret = "s"}), "bad_json");
}

TEST_F(configured_nodes, read_the_file_when_anything_makes_them_part_of_a_network) {
  write("nonsense");
  EXPECT_EQ(error_of({.profile = "x"}), "bad_json");
  EXPECT_EQ(error_of({.nodeid = "x"}), "bad_json");
  EXPECT_EQ(error_of({.binds = {}}), "bad_json");
  EXPECT_EQ(error_of({.seeds = {}}), "bad_json");
}

TEST_F(configured_nodes, read_no_file_when_they_are_private) {
  write("nonsense");
  home_.set("AEMP_CONFIG", "/nonexistent");
  node me;
  EXPECT_EQ(me.id(), private_node_id());
  EXPECT_EQ(error_of({.secret = "s", .workers = 2}), "");
}

TEST_F(configured_nodes, do_not_start_when_the_file_cannot_be_used) {
  home_.set("AEMP_CONFIG", "/nonexistent");
  EXPECT_EQ(error_of({.nodeid = "x"}), "config_file_unreadable");
  home_.unset("AEMP_CONFIG");
  home_.write(".perl-anyevent-mp", R"({"secret":"s"})", 0644);
  EXPECT_EQ(error_of({.nodeid = "x"}), "config_file_is_open");
  write(R"({"monitor_timeout":"soon"})");
  EXPECT_EQ(error_of({.nodeid = "x"}), "bad_setting");
  write(R"({"profile":{}})");
  EXPECT_EQ(error_of({.profile = "x"}), "no_such_profile");
  write(R"({"nodeid":"has#hash"})");
  EXPECT_EQ(error_of({.nodeid = "x"}), "bad_node_id");
}

TEST_F(configured_nodes, do_not_start_with_what_cannot_work) {
  EXPECT_EQ(error_of({.workers = 100000}), "too_many_workers");
  EXPECT_EQ(error_of({.memory_full = "wait"}), "bad_setting");
  EXPECT_EQ(
      error_of({.nodeid = "x", .secret = "s", .monitor_timeout = std::chrono::milliseconds(1), .norc = true}),
      "bad_duration");
  EXPECT_EQ(
      error_of(
          {.nodeid = "x", .secret = "s", .connect_interval = std::chrono::milliseconds(1), .norc = true}),
      "bad_duration");
  EXPECT_EQ(error_of({.nodeid = "x",
                      .binds = {},
                      .secret = "s",
                      .monitor_timeout = std::chrono::milliseconds(100),
                      .norc = true}),
            "");
}

TEST_F(configured_nodes, start_their_services_once_and_in_order) {
  node me{{.services = {message("first", 1, "one"), message("second"), message("Some::Module::"),
                        message("nobody"), message("last")}}};
  std::string called;
  me.define("first", [&](int n, const std::string& text) { called += std::to_string(n) + text + " "; });
  me.define("second", [&] { called += "second "; });
  me.define("last", [&] { me.stop(); });
  EXPECT_EQ(called, "") << "not before it runs";
  me.run();
  EXPECT_EQ(called, "1one second ");
  EXPECT_NE(log_.find("service 'Some::Module::' is a module, not a function; nothing is called"),
            std::string::npos);
  EXPECT_NE(log_.find("service 'nobody' was not started"), std::string::npos);

  me.after(std::chrono::nanoseconds(0), [&] { me.stop(); });
  me.run();
  EXPECT_EQ(called, "1one second ");
}

TEST_F(configured_nodes, start_a_service_with_a_module_like_name_when_it_is_defined) {
  node me{{.services = {message("Some::Module::")}}};
  me.define("Some::Module::", [&] { me.stop(3); });
  EXPECT_EQ(me.run(), 3);
}

}  // namespace
}  // namespace aemp::api
