// Who may call the functions that a node has defined (aemp-protocol I.4), in a simulated network.
#include <aemp/aemp.hpp>
#include <aemp/sim/world.hpp>

#include <gtest/gtest.h>

namespace aemp::api {
namespace {

using namespace std::chrono_literals;

class remote_execution : public ::testing::Test {
 protected:
  remote_execution() {
    set_log_sink([this](int, std::string_view text) { log_ += std::string(text) + "\n"; });
  }
  ~remote_execution() override { set_log_sink({}); }

  // A server with the function "call", which anybody may be denied, and "limited", for beta and gamma.
  void serve(bool is_secure) {
    server_ = &world_.make_node("server", {.nodeid = "server", .binds = {"server:1"}, .secure = is_secure});
    server_->define("call", [this] { ++calls_; });
    server_->define("limited", [this] { ++limited_calls_; }, {"beta", "gamma"});
    server_->rcv(service_, "ask", [](port_id from) { snd(from, "answer"); });
  }
  node& client(const std::string& name) {
    node& n = world_.make_node(name, {.nodeid = name, .binds = {}, .seeds = {"server:1"}});
    EXPECT_TRUE(world_.run_until([&] { return n.node_is_up("server"); }, 10s));
    return n;
  }
  // Spawns, and says why nothing came of it. A port that did its work and ended is fine, also when it ended
  // before it was monitored.
  std::string spawn(node& from, const std::string& function) {
    std::string reason;
    from.mon(from.spawn("server", function), [&](const message& why) { reason = why.tag(); });
    world_.run_for(1s);
    return reason == "no_such_port" ? "" : reason;
  }

  std::string log_;
  sim::world world_{7, {.slices = false}};  // a spawn and the monitor of its port arrive together
  node* server_ = nullptr;
  const port_id service_ = *port_id::parse("server#service");
  const port_id server_port_ = *port_id::parse("server");
  int calls_ = 0;
  int limited_calls_ = 0;
};

TEST_F(remote_execution, is_allowed_by_default) {
  serve(false);
  node& alpha = client("alpha");
  alpha.call_function("server", "call");
  EXPECT_EQ(spawn(alpha, "call"), "");
  EXPECT_EQ(calls_, 2);
}

TEST_F(remote_execution, is_refused_by_a_secure_node) {
  serve(true);
  node& alpha = client("alpha");
  alpha.call_function("server", "call");
  EXPECT_EQ(spawn(alpha, "call"), "remote_execution_not_allowed");
  EXPECT_EQ(spawn(alpha, "unknown"), "remote_execution_not_allowed")
      << "it does not even say what is defined";
  EXPECT_EQ(calls_, 0);
  EXPECT_NE(log_.find("function 'call' was not called for node alpha: node server is secure, remote "
                      "execution not allowed"),
            std::string::npos)
      << log_;
}

TEST_F(remote_execution, cannot_be_had_from_a_secure_node_by_detours) {
  serve(true);
  node& alpha = client("alpha");
  // The server is asked to send itself the call, directly, among others, twice over, and as an answer.
  alpha.snd(server_port_, "snd", "server", "call");
  alpha.snd(server_port_, "snd", "server#", "call");
  alpha.snd(server_port_, "snd_multiple", value::array{"server", "call"});
  alpha.snd(server_port_, "snd", "server", "snd", "server", "call");
  alpha.snd(server_port_, "time", "server", "call");
  alpha.snd(server_port_, "snd", "server", "AnyEvent::MP::_spawn", "a-name", "call");
  world_.run_for(1s);
  EXPECT_EQ(calls_, 0);
}

TEST_F(remote_execution, cannot_be_had_from_a_third_node_in_the_name_of_the_one_in_the_middle) {
  serve(false);
  node& alpha = client("alpha");
  node& beta = client("beta");
  int calls = 0;
  beta.define("for_the_server", [&calls] { ++calls; }, {"server"});
  alpha.snd(server_port_, "snd", "beta#", "for_the_server");
  alpha.snd(server_port_, "snd", "beta", "for_the_server");
  world_.run_for(1s);
  EXPECT_EQ(calls, 0);
  server_->call_function("beta", "for_the_server");
  world_.run_for(1s);
  EXPECT_EQ(calls, 1);
}

TEST_F(remote_execution, leaves_everything_else_of_a_secure_node_alone) {
  serve(true);
  node& alpha = client("alpha");
  int answers = 0;
  std::string can, reason;
  const port_id mine = alpha.port();
  alpha.rcv(
      mine, "answer", [&] { ++answers; }, "time", [&](double) { ++answers; }, "can",
      [&](std::string text) { can += text + ";"; });
  alpha.mon(service_, [&](const message& why) { reason = why.to_string(); });
  alpha.snd(service_, "ask", mine);
  alpha.snd(server_port_, "snd", "server#service", "ask", mine);
  alpha.snd(server_port_, "snd", "server", "time", mine, "time");
  alpha.snd(server_port_, "can", "call", mine, "can");
  alpha.snd(server_port_, "can", "snd", mine, "can");
  world_.run_for(1s);
  EXPECT_EQ(answers, 3);
  EXPECT_EQ(can, ";1;");
  alpha.kil(service_, "enough");
  world_.run_for(1s);
  EXPECT_EQ(reason, "enough");
}

TEST_F(remote_execution, of_its_own_functions_is_a_secure_nodes_own_business) {
  serve(true);
  server_->call_function("server", "call");
  EXPECT_EQ(spawn(*server_, "call"), "");
  server_->call_function("server", "limited");
  server_->snd(server_port_, "snd", "server", "call");
  world_.run_for(1s);
  EXPECT_EQ(calls_, 3);
  EXPECT_EQ(limited_calls_, 1);
}

TEST_F(remote_execution, of_a_limited_function_is_for_the_nodes_it_names) {
  serve(false);
  node& alpha = client("alpha");
  node& beta = client("beta");
  alpha.call_function("server", "limited");
  EXPECT_EQ(spawn(alpha, "limited"), "remote_execution_not_allowed");
  EXPECT_EQ(limited_calls_, 0);
  EXPECT_NE(
      log_.find(
          "function 'limited' was not called for node alpha: node server has defined it for others only"),
      std::string::npos)
      << log_;
  beta.call_function("server", "limited");
  world_.run_for(1s);
  EXPECT_EQ(limited_calls_, 1);
  EXPECT_EQ(spawn(beta, "limited"), "");
  EXPECT_EQ(limited_calls_, 2);
}

TEST_F(remote_execution, of_what_is_not_defined_ends_the_port) {
  serve(false);
  EXPECT_EQ(spawn(client("alpha"), "unknown"), "no_such_function");
}

}  // namespace
}  // namespace aemp::api
