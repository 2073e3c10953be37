// Nodes that have nothing in common but a secret, over TCP, with somebody in between who listens, or who
// tries to talk them out of encryption.
#include <gtest/gtest.h>

#include <atomic>

#include "tests/live_node.hpp"
#include "tests/raw_peer.hpp"
#include "tests/wire_tap.hpp"

namespace aemp::testing {
namespace {

using namespace std::chrono_literals;

config configured(const char* id, const char* encryption, const char* secret = "geheim") {
  return {.nodeid = id, .binds = {"127.0.0.1:0"}, .secret = secret, .encryption = encryption};
}

config with_seed(config c, const std::string& seed) {
  c.seeds = {seed};
  return c;
}

// A log in which also what goes well can be read.
struct whole_log : log_watch {
  whole_log() { set_log_level(7); }
  ~whole_log() { set_log_level(5); }
};

constexpr const char* question = "a question that nobody else may read";
constexpr const char* answer = "and an answer that nobody else may read";

// What goes over the wire when the client asks the server.
std::string overheard(const char* client_id, const char* server_id, const char* encryption) {
  live_node server(configured(server_id, encryption));
  const wire_tap tap(server.endpoint());
  live_node client(with_seed(configured(client_id, encryption), tap.endpoint()));
  const port_id service = *port_id::parse(std::string(server_id) + "#service");
  server.node.rcv(service,
                  [](std::string text, port_id from) { snd(from, text == question ? answer : "what?"); });
  awaited<std::string> got;
  client.node.snd(service, question, client.node.port([&](std::string text) { got.set(text); }));
  server.start();
  client.start();
  EXPECT_EQ(got.get(), answer);
  return tap.recorded();
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(encryption, by_the_secret_hides_what_is_said_whoever_is_tls_client) {
  for (const auto& [client, server] : {std::pair("a", "b"), std::pair("b", "a")}) {
    whole_log log;
    const std::string bytes = overheard(client, server, "required");
    EXPECT_TRUE(contains(bytes, std::string("aemp;1;") + client + ";"));  // the tap does hear them
    EXPECT_TRUE(contains(bytes, ";psk=required;"));
    EXPECT_FALSE(contains(bytes, question) || contains(bytes, answer));
    EXPECT_FALSE(contains(bytes, "service"));
    EXPECT_FALSE(contains(bytes, "\nhmac_sha3_512;"));
    EXPECT_TRUE(contains(log.wait_for("is up: "), "hmac_sha3_512, encrypted by the secret"));
  }
}

TEST(encryption, is_left_on_loopback_unless_it_is_required) {
  whole_log log;
  const std::string bytes = overheard("client", "server", "auto");
  EXPECT_TRUE(contains(bytes, ";psk=possible;"));
  EXPECT_TRUE(contains(bytes, question) && contains(bytes, answer));
  EXPECT_TRUE(contains(log.wait_for("is up: "), "in the clear"));
}

TEST(encryption, carries_a_lot_in_both_directions) {
  const std::string large(3'000'000, 'x');
  awaited<int> done;
  int next = 0;
  live_node server(configured("server", "required"));
  live_node client(with_seed(configured("client", "auto"), server.endpoint()));
  server.node.rcv(*port_id::parse("server#echo"),
                  [](int n, std::string text, port_id from) { snd(from, n, text); });
  const port_id back = client.node.port([&](int n, const std::string& text) {
    if (n != next++ || text != large) return done.set(-1);
    if (next == 20) done.set(next);
  });
  for (int n = 0; n < 20; ++n) client.node.snd(*port_id::parse("server#echo"), n, large, back);
  server.start();
  client.start();
  EXPECT_EQ(done.get(), 20);
}

// Lets the two meet, and returns what each says of it in the log; neither may hear from the other.
struct refusals {
  std::string of_client, of_server;
};
refusals meet(config client_config, config server_config, wire_tap::edit of_client = {},
              wire_tap::edit of_server = {}) {
  log_watch log;
  std::atomic<bool> heard = false;
  {
    live_node server(std::move(server_config));
    const wire_tap tap(server.endpoint(), std::move(of_client), std::move(of_server));
    live_node client(with_seed(std::move(client_config), tap.endpoint()));
    server.node.rcv(*port_id::parse("server#log"), [&](const message&) { heard = true; });
    client.node.snd(*port_id::parse("server#log"), "hello");
    client.node.mon_nodes([&](std::string, bool up) {
      if (up) heard = true;
    });
    server.node.mon_nodes([&](std::string, bool up) {
      if (up) heard = true;
    });
    server.start();
    client.start();
    log.wait_for("no connection to ");
    log.wait_for("no connection from ");
  }
  EXPECT_FALSE(heard.load());
  return {log.wait_for("no connection to "), log.wait_for("no connection from ")};
}

TEST(encryption, with_different_secrets_fails_by_name_and_says_what_to_do) {
  const refusals said = meet(configured("client", "required", "falsch"), configured("server", "required"));
  EXPECT_TRUE(contains(said.of_client, ": wrong_secret: node server at ")) << said.of_client;
  EXPECT_TRUE(contains(said.of_server, ": wrong_secret: node client at ")) << said.of_server;
  EXPECT_TRUE(contains(said.of_server, "both nodes must have the same one")) << said.of_server;
}

TEST(encryption, that_only_one_node_requires_fails_by_name_on_both_sides) {
  const refusals said = meet(configured("client", "off"), configured("server", "required"));
  EXPECT_TRUE(contains(said.of_client, ": encryption_required: node server at ")) << said.of_client;
  EXPECT_TRUE(contains(said.of_client, "it demands encryption")) << said.of_client;
  EXPECT_TRUE(contains(said.of_server, ": encryption_required: node client at ")) << said.of_server;
  EXPECT_TRUE(contains(said.of_server, "it offers no encryption")) << said.of_server;
}

TEST(encryption, that_is_required_keeps_1x_peers_without_certificates_out) {
  log_watch log;
  live_node server(configured("server", "required"));
  server.start();
  raw_peer perl(server.endpoint());
  EXPECT_THROW(perl.log_in({.node = "perl"}), std::runtime_error);
  const std::string line = log.wait_for("encryption_required: node perl at 127.0.0.1:");
  EXPECT_TRUE(contains(line, "certificates (cert)")) << line;
}

wire_tap::edit replace(std::string from, std::string to) {
  return [=](std::string line) {
    const std::size_t at = line.find(from);
    return at == std::string::npos ? line : line.replace(at, from.size(), to);
  };
}

// On loopback, so what is merely possible is made wanted here, and the other way round by stripping it.
TEST(encryption, cannot_be_talked_out_of_by_somebody_in_between) {
  const wire_tap::edit strip = replace(";psk=possible", "");
  const wire_tap::edit excite = replace(";psk=possible", ";psk=wanted");
  const wire_tap::edit calm = replace(";psk=required", ";psk=possible");
  struct attack {
    const char *client, *server;
    wire_tap::edit of_client, of_server;
  };
  const attack attacks[] = {
      {"auto", "auto", strip, {}},         // they differ on what was said, but not on encryption
      {"auto", "auto", strip, strip},      //
      {"auto", "auto", excite, {}},        // only the server begins TLS
      {"auto", "auto", {}, excite},        // only the client does
      {"auto", "auto", excite, excite},    // both do
      {"required", "auto", calm, {}},      // only the client does
      {"auto", "required", {}, calm},      // only the server does
      {"required", "required", calm, {}},  // both do
  };
  for (const attack& one : attacks) {
    for (const bool client_is_lower : {true, false}) {
      config client = configured(client_is_lower ? "client" : "the client", one.client);
      const refusals said = meet(client, configured("server", one.server), one.of_client, one.of_server);
      for (const std::string& line : {said.of_client, said.of_server}) {
        EXPECT_TRUE(contains(line, ": wrong_secret: node ") || contains(line, ": greeting_changed: node "))
            << one.client << ' ' << one.server << ' ' << client_is_lower << ": " << line;
      }
    }
  }
}

}  // namespace
}  // namespace aemp::testing
