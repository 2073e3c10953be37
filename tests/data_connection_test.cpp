// Data connections with a peer that plays a Perl node of 1.30, in both roles and byte by byte (aemp-protocol
// F.1), and between two nodes over TCP and TLS.
#include <gtest/gtest.h>

#include "net/certificates_test.hpp"
#include "tests/live_node.hpp"
#include "tests/raw_peer.hpp"

namespace aemp::testing {
namespace {

using namespace std::chrono_literals;

const std::string head = R"(["","AnyEvent::MP::DataConn::)";

class data_connection_with_perl : public ::testing::Test {
 protected:
  data_connection_with_perl() {
    seed_.node.define_data("demo::echo", [](std::string greeting, int n, data_connection c) {
      c.write(greeting + std::to_string(n) + "\n");
      c.on_data([c](std::string_view bytes) mutable { c.write(bytes); });
    });
    seed_.start();
    perl_.emplace(seed_.endpoint());
    perl_->log_in({.node = "perl"});
  }
  // The stream beside the one with messages.
  std::unique_ptr<raw_peer> dial(const std::string& id, const std::string& node = "perl",
                                 const std::string& secret = "geheim") {
    auto peer = std::make_unique<raw_peer>(seed_.endpoint());
    peer->log_in({.node = node,
                  .secret = secret,
                  .keys = ";dataconn_id=" + id + ";provider=AE-1.30",
                  .protocol = "aemp-dataconn"});
    return peer;
  }
  // Our node wants a connection to "demo::sink" of the Perl node: up to the moment when that is expected
  // there.
  std::string announced() {
    owner_ = seed_.node.port([] {});
    seed_.node.mon(owner_, [this](const message& m) { reason_.set(m); });
    seed_.node.peval(owner_, [this] {
      connect_to("perl", limit_, "demo::sink", "some", 2, [this](data_connection c) {
        c.on_data([c](std::string_view bytes) mutable {
          c.write("got ");
          c.write(bytes);
        });
        c.on_closed([this](const std::string& why) { closed_.set(why); });
      });
    });
    EXPECT_EQ(perl_->read_packet(), head + R"(_expect","b@seed1",")" + owner_.str() + "\"," +
                                        std::to_string(limit_ / 1s) + R"(,"demo::sink","some",2])");
    const std::string ask = perl_->read_packet();
    const std::string start = R"(["","snd","seed1#)";
    EXPECT_TRUE(ask.starts_with(start)) << ask;
    perl_->send("[\"" + ask.substr(start.size(), ask.rfind('"') - start.size()) + "\"]");
    return "b@seed1";
  }

  log_watch log_;
  awaited<message> reason_;  // before the node, which may still call
  awaited<std::string> closed_;
  live_node seed_{config{.nodeid = "seed1", .binds = {"127.0.0.1:0"}, .secret = "geheim"}};
  std::optional<raw_peer> perl_;
  port_id owner_;
  std::chrono::seconds limit_{10};
};

TEST_F(data_connection_with_perl, is_expected_and_taken_when_it_is_dialled) {
  for (const std::string id : {"b@perl", "c@perl"}) {
    perl_->send(head + "_expect\",\"" + id +
                R"(","perl#P",10,"demo::echo","hello ","7"]["","snd","perl#W"])");
    EXPECT_EQ(perl_->read_packet(), R"(["W"])");
    const auto stream = dial(id);
    EXPECT_TRUE(stream->greeting.starts_with("aemp;1;seed1;")) << stream->greeting;
    EXPECT_EQ(stream->read_bytes(8), "hello 7\n");
    stream->send("[\"not\",\"a\",\"packet\"]\n");
    EXPECT_EQ(stream->read_bytes(21), "[\"not\",\"a\",\"packet\"]\n");
  }
}

TEST_F(data_connection_with_perl, takes_what_was_sent_right_behind_the_handshake) {
  perl_->send(head + R"(_expect","b@perl","perl#P",10,"demo::echo","",1]["","snd","perl#W"])");
  EXPECT_EQ(perl_->read_packet(), R"(["W"])");
  raw_peer stream(seed_.endpoint());
  const std::string own = "aemp-dataconn;1;perl;hmac_md6_64_256;json;dataconn_id=b@perl";
  stream.send(own + "\nnonce\ncleartext;" + "\n");  // refused: cleartext is not accepted by default
  EXPECT_TRUE(stream.is_closed_by_node());
  const auto good = dial("b@perl");
  good->send(std::string(100'000, 'x'));
  EXPECT_EQ(good->read_bytes(100'002), "1\n" + std::string(100'000, 'x'));
}

TEST_F(data_connection_with_perl, is_refused_by_name_when_nobody_expects_it_of_that_node) {
  perl_->send(head + R"(_expect","b@perl","perl#P",10,"demo::echo","",1]["","snd","perl#W"])");
  EXPECT_EQ(perl_->read_packet(), R"(["W"])");
  EXPECT_TRUE(dial("x@perl")->is_closed_by_node());
  EXPECT_NE(log_.wait_for("unexpected_data_connection: node perl comes for data connection 'x@perl'"), "");
  EXPECT_TRUE(dial("b@perl", "mallory")->is_closed_by_node());
  EXPECT_NE(log_.wait_for("unexpected_data_connection: node mallory comes for data connection 'b@perl'"), "");
  EXPECT_TRUE(dial("b@perl", "perl", "wrong")->is_closed_by_node());
  EXPECT_EQ(dial("b@perl")->read_bytes(2), "1\n");
}

TEST_F(data_connection_with_perl, kills_the_other_port_when_it_fails_here) {
  perl_->send(head + R"(_expect","b@perl","perl#P",10,"no::such"])");
  EXPECT_EQ(
      perl_->read_packet(),
      R"(["","kil","P","AnyEvent::MP::DataConn","no data function 'no::such' is defined on node seed1"])");
  perl_->send(head + R"(_expect","c@perl","perl#P",0.05,"demo::echo","",1])");
  EXPECT_EQ(
      perl_->read_packet(),
      R"(["","kil","P","AnyEvent::MP::DataConn","perl: unable to establish connection within 0.05 seconds"])");
  perl_->send(head + R"(_expect","d@perl","perl#P",10,"demo::echo","",1])" + head +
              R"(_connect","d@perl","perl"])");
  EXPECT_EQ(perl_->read_packet(), R"(["","kil","P","AnyEvent::MP::DataConn","perl: no listeners found"])");
  perl_->send(head + R"(_connect","e@perl","perl"])" + head + R"(_expect"])" + head +
              R"(_expect","f@perl","victim#P",10,"demo::echo"]["","info","perl#r"])");
  EXPECT_EQ(perl_->read_packet(), R"(["r","seed1"])");
  EXPECT_NE(log_.wait_for("that makes no sense"), "");
}

TEST_F(data_connection_with_perl, asks_a_target_without_address_to_dial_and_takes_its_stream) {
  const std::string id = announced();
  EXPECT_EQ(perl_->read_packet(), head + "_connect\",\"" + id + R"(","seed1"])");
  EXPECT_TRUE(dial(id, "mallory")->is_closed_by_node());
  const auto stream = dial(id);
  stream->send("bytes");
  EXPECT_EQ(stream->read_bytes(9), "got bytes");
  seed_.node.kil(owner_);
  EXPECT_TRUE(stream->is_closed_by_node());
}

TEST_F(data_connection_with_perl, tells_when_the_target_closes) {
  const std::string id = announced();
  perl_->read_packet();
  auto stream = dial(id);
  stream->send("bytes");
  EXPECT_EQ(stream->read_bytes(9), "got bytes");
  stream.reset();
  EXPECT_EQ(closed_.get(), "");
}

TEST_F(data_connection_with_perl, kills_the_port_when_the_time_is_over_or_the_node_is_lost) {
  limit_ = 1s;
  announced();
  EXPECT_EQ(reason_.get(),
            message("AnyEvent::MP::DataConn", "perl: unable to establish connection within 1 seconds"));
  perl_->read_packet();
  owner_ = seed_.node.port([] {});
  seed_.node.mon(owner_, [this](const message& m) { reason_.set(m); });
  seed_.node.peval(owner_, [] { connect_to("perl", 10s, "demo::sink", [](data_connection) {}); });
  perl_->read_packet();
  perl_.reset();
  const message lost = reason_.get();
  EXPECT_EQ(lost[0], value("AnyEvent::MP::DataConn"));
  EXPECT_NE(lost[1].to_string().find("transport_error"), std::string::npos) << lost;
}

struct way {
  const char* name;
  bool tls;
  unsigned workers;
};

class data_between_two_nodes : public ::testing::TestWithParam<way> {
 protected:
  static config configured(const char* id) {
    config c{.nodeid = id, .binds = {"127.0.0.1:0"}, .secret = "geheim", .workers = GetParam().workers};
    if (GetParam().tls) {
      static const std::string pem = net::testing::make_identity("aemp test").pem();
      c.cert = pem;
      c.secret = "";
    }
    return c;
  }
};

TEST_P(data_between_two_nodes, carries_megabytes_there_and_back_and_ends) {
  constexpr std::size_t size = 20 << 20;
  live_node server(configured("server"));
  config with_seed = configured("client");
  with_seed.seeds = {server.endpoint()};
  live_node client(with_seed);
  awaited<std::size_t> returned;
  awaited<std::string> closed;
  server.node.define_data("echo", [&](data_connection c) {
    c.on_data([c](std::string_view bytes) mutable {
      if (!c.write(bytes)) c.pause(true);
    });
    c.on_drained([c]() mutable { c.pause(false); });
    c.on_closed([&](const std::string& why) { closed.set(why); });
  });
  std::string heard;
  std::size_t written = 0;
  client.node.spawn([&] {
    rcv(self(), "stay", [] {});
    connect_to("server", 10s, "echo", [&](data_connection c) {
      auto fill = [&written, c]() mutable {
        while (written < size) {
          const std::string part(50'000, static_cast<char>('a' + written % 23));
          written += part.size();
          if (!c.write(part)) return;
        }
      };
      c.on_drained(fill);
      c.on_data([&, c](std::string_view bytes) mutable {
        heard += bytes;
        if (written >= size && heard.size() == written) {
          c.close();
          returned.set(written);
        }
      });
      fill();
    });
  });
  server.start();
  client.start();
  const std::size_t n = returned.get();
  EXPECT_EQ(closed.get(), "");
  for (std::size_t at = 0; at < n; at += 50'000) ASSERT_EQ(heard[at], static_cast<char>('a' + at % 23));
}

INSTANTIATE_TEST_SUITE_P(over, data_between_two_nodes,
                         ::testing::Values(way{"tcp", false, 1}, way{"tls", true, 1},
                                           way{"workers", false, 3}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace aemp::testing
