// Two nodes over TCP and TLS on this machine, as a user would set them up: messages, spawn, monitors, calls,
// and the ways in which they do not come together.
#include <gtest/gtest.h>

#include <array>

#include "net/certificates_test.hpp"
#include "tests/live_node.hpp"

namespace aemp::testing {
namespace {

using namespace std::chrono_literals;

struct setting {
  const char* name;
  string_list framings;
  bool tls;
};

class two_nodes : public ::testing::TestWithParam<setting> {
 protected:
  static config configured(const char* id) {
    config c{
        .nodeid = id, .binds = {"127.0.0.1:0"}, .secret = "geheim", .framing_format = GetParam().framings};
    if (GetParam().tls) {
      static const std::string pem = net::testing::make_identity("aemp test").pem();
      c.cert = pem;
      c.secret = "";
    }
    return c;
  }

  static config with_seed(config c, const std::string& seed) {
    c.seeds = {seed};
    return c;
  }

  live_node server_{configured("server")};
  live_node client_{with_seed(configured("client"), server_.endpoint())};
};

TEST_P(two_nodes, exchange_what_messages_are_made_of) {
  awaited<message> got;
  server_.node.rcv(*port_id::parse("server#echo"), [](const message& m) {
    std::vector<value> all = m.elements();
    const port_id to = all[0].as<port_id>();
    snd(to, message::of({all.begin() + 1, all.end()}));
  });
  port_id reply = client_.node.port([&](const message& m) { got.set(m); });
  const std::string long_text(100'000, 'x');
  client_.node.snd(*port_id::parse("server#echo"), reply, 1, -5, 2.5, true, nullptr, "text ☺", long_text,
                   std::vector<int>{1, 2, 3}, std::map<std::string, int>{{"a", 1}},
                   bytes{std::byte{0}, std::byte{255}}, std::uint64_t{18446744073709551615u}, reply);
  server_.start();
  client_.start();
  const message m = got.get();
  ASSERT_EQ(m.size(), 12u);
  EXPECT_EQ(m[0], value(1));
  EXPECT_EQ(m[1], value(-5));
  EXPECT_EQ(m[2], value(2.5));
  EXPECT_EQ(m[3], value(true));
  EXPECT_TRUE(m[4].is_null());
  EXPECT_EQ(m[5].as<std::string>(), "text ☺");
  EXPECT_EQ(m[6].as<std::string>(), long_text);
  EXPECT_EQ(m[7].as<std::vector<int>>(), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(m[8]["a"], value(1));
  EXPECT_EQ(m[10], value(std::uint64_t{18446744073709551615u}));
  EXPECT_EQ(m[11].as<std::string>(), reply.str());
}

TEST_P(two_nodes, keep_ten_thousand_messages_in_order_while_they_connect) {
  awaited<int> done_at;
  int next = 0;
  server_.node.rcv(*port_id::parse("server#sink"), [&](int n) {
    if (n != next) return done_at.set(-1);
    if (++next == 10'000) done_at.set(next);
  });
  for (int i = 0; i < 10'000; ++i) client_.node.snd(*port_id::parse("server#sink"), i);
  server_.start();
  client_.start();
  EXPECT_EQ(done_at.get(), 10'000);
}

TEST_P(two_nodes, spawn_call_and_see_ports_die) {
  server_.node.define("demo::adder", [](int base) {
    rcv(
        self(), "add", [base](int n, port_id reply_to) { snd(reply_to, base + n); }, "fail",
        [] { throw std::runtime_error("as asked"); });
  });
  server_.start();
  awaited<int> sum;
  awaited<message> reason;
  port_id user = client_.node.port();
  client_.node.peval(user, [&] {
    port_id adder = spawn("server", "demo::adder", 40);
    mon(adder, [&](const message& m) { reason.set(m); });
    cal(adder, "add", 2).within(10s).then([&, adder](int n) {
      sum.set(n);
      snd(adder, "fail");
    });
  });
  client_.start();
  EXPECT_EQ(sum.get(), 42);
  EXPECT_EQ(reason.get(), message("die", "as asked"));
}

TEST_P(two_nodes, tell_why_a_spawn_or_a_port_is_none) {
  server_.start();
  awaited<message> unknown_function, unknown_port;
  port_id user = client_.node.port();
  client_.node.peval(user, [&] {
    mon(spawn("server", "no::such"), [&](const message& m) { unknown_function.set(m); });
    mon(*port_id::parse("server#nobody"), [&](const message& m) { unknown_port.set(m); });
  });
  client_.start();
  EXPECT_EQ(unknown_function.get()[0], value("no_such_function"));
  EXPECT_EQ(unknown_port.get(), message("no_such_port", "cannot monitor nonexistent port", "server#nobody"));
}

TEST_P(two_nodes, notice_a_node_that_comes_and_goes) {
  awaited<std::string> up, down;
  awaited<message> lost;
  server_.node.mon_nodes([&](std::string node, bool is_up) { (is_up ? up : down).set(node); });
  server_.start();
  {
    live_node guest(with_seed(configured("guest"), server_.endpoint()));
    guest.start();
    EXPECT_EQ(up.get(), "guest");
    server_.node.mon(*port_id::parse("guest"), [&](const message& m) { lost.set(m); });
    awaited<int> set;  // the monitor is set when the worker has come round
    server_.node.after(0ns, [&] { set.set(1); });
    set.get();
  }
  EXPECT_EQ(down.get(), "guest");
  EXPECT_EQ(lost.get(), message("node_stopped", "guest", "node guest has stopped"));
  EXPECT_TRUE(server_.node.node_is_up("server"));
  EXPECT_FALSE(server_.node.node_is_up("guest"));
}

INSTANTIATE_TEST_SUITE_P(over, two_nodes,
                         ::testing::Values(setting{"cbor", {"cbor"}, false}, setting{"json", {"json"}, false},
                                           setting{"native", {"aemp1", "cbor"}, false},
                                           setting{"tls", {"cbor", "json"}, true}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(nodes_with_different_certificates, refuse_each_other_by_name) {
  log_watch log;
  const auto configured = [](const char* id) {
    return config{
        .nodeid = id, .binds = {"127.0.0.1:0"}, .secret = "", .cert = net::testing::make_identity(id).pem()};
  };
  live_node server(configured("server"));
  config c = configured("client");
  c.seeds = {server.endpoint()};
  live_node client(c);
  server.start();
  client.start();
  EXPECT_NE(log.wait_for("certificate_not_trusted"), "");
}

// With an authority, and certificates that name their owners.
class certified_nodes : public ::testing::Test {
 protected:
  config certified(const char* id, const char* names) const {
    const auto own = net::testing::make_identity(id, {.issuer = &authority_, .names = names});
    return {.nodeid = id,
            .binds = {"127.0.0.1:0"},
            .secret = "",
            .cert = own.certificate_pem() + authority_.certificate_pem() + own.key_pem()};
  }

  const net::testing::identity authority_ = net::testing::make_identity("authority", {.authority = true});
};

TEST_F(certified_nodes, do_not_start_under_names_that_are_not_theirs) {
  try {
    const live_node node(certified("db", "URI:aemp:web,URI:aemp:worker/*"));
    FAIL() << "it started";
  } catch (const start_error& e) {
    EXPECT_EQ("not_its_name", e.name());
    EXPECT_NE(std::string::npos,
              std::string(e.what()).find("config.cert is not for a node db, only for: web, worker/*"));
  }
}

TEST_F(certified_nodes, call_as_members_of_a_group_only_if_their_certificates_say_so) {
  log_watch log;
  live_node server(certified("server", "URI:aemp:server"));
  config admin = certified("admin", "URI:aemp:admin,URI:aemp:@admins"),
         web = certified("web", "URI:aemp:web");
  admin.seeds = web.seeds = {server.endpoint()};
  live_node good(admin), bad(web);
  awaited<std::string> called, both;
  server.node.define("halt", [&](const std::string& who) { called.set(who); }, {"@admins"});
  const auto members = server.node.grp_mon(
      "admins",
      [&](const std::vector<port_id>& all, const std::vector<port_id>&, const std::vector<port_id>&) {
        if (all.size() == 2) both.set("both");
      });
  for (live_node* n : {&good, &bad}) n->node.grp_reg("admins", n->node.port([](const message&) {}));
  server.start();
  good.start();
  bad.start();
  EXPECT_EQ("both", both.get());
  bad.node.call_function("server", "halt", "web");
  EXPECT_NE(log.wait_for("was not called for node web: node server has defined it for others only"), "");
  good.node.call_function("server", "halt", "admin");
  EXPECT_EQ("admin", called.get());
}

TEST(a_node_with_a_weak_secret, stays_on_this_machine_unless_that_is_allowed) {
  config c{.nodeid = "x", .binds = {"127.0.0.1:0"}, .seeds = {"10.0.0.1:4040"}, .secret = "geheim"};
  const auto refused = [](const config& of) {
    try {
      const live_node node(of);
      return std::string();
    } catch (const start_error& e) {
      return e.name() + ": " + e.what();
    }
  };
  EXPECT_TRUE(
      refused(c).starts_with("weak_secret: the secret has 6 bytes, and 10.0.0.1:4040 is beyond this machine"))
      << refused(c);
  c.allow_weak_secret = true;
  EXPECT_EQ("", refused(c));
  c.allow_weak_secret = false;
  c.secret = "sixteen bytes  .";
  EXPECT_EQ("", refused(c));
  c.secret = "geheim";
  c.seeds = {"127.0.0.1:4040", "[::1]:4040", "a.name.that.may.be.anywhere:4040"};
  EXPECT_EQ("", refused(c));
  c.binds = {"0.0.0.0:0"};
  EXPECT_TRUE(refused(c).starts_with("weak_secret: ")) << "it would be reached from other machines";
}

TEST(a_public_node, has_an_id_that_says_how_to_reach_it) {
  config c;
  c.secret = "geheim";
  live_node server(c);
  server.node.become_public("127.0.0.1:0");
  const std::string id = server.node.id();
  EXPECT_EQ(id, server.endpoint());
  awaited<std::string> got;
  port_id p = server.node.port([&](std::string text) { got.set(text); });
  EXPECT_TRUE(p.str().starts_with(id + "#")) << p;
  server.start();

  live_node client(config{.nodeid = "client", .binds = {}, .secret = "geheim"});
  client.node.snd(*port_id::parse(p.str()), "found you");
  client.start();
  EXPECT_EQ(got.get(), "found you");
}

TEST(an_object_without_wire_form, does_not_leave_the_process) {
  struct thread_handle {
    std::thread t;
  };
  live_node client(config{.nodeid = "client", .binds = {}, .secret = "geheim"});
  try {
    client.node.snd(*port_id::parse("server#x"), "take", 1, thread_handle{});
    FAIL() << "it was sent";
  } catch (const std::invalid_argument& e) {
    EXPECT_NE(std::string(e.what()).find("element 2"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("server#x"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace aemp::testing
