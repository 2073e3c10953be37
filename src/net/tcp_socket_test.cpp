// Who has the sockets of a transport, and for how long.
#include "net/tcp_socket.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <boost/asio/ip/tcp.hpp>

#include "net/certificates_test.hpp"
#include "net/descriptors_test.hpp"
#include "net/loopback_test.hpp"

namespace aemp::net {
namespace {

using namespace std::chrono_literals;
using testing::any_port;
using testing::connected;
using testing::inherited_since;
using testing::loopback;
using testing::open_descriptors;
using testing::owner;

TEST(tcp, makes_no_descriptor_that_started_programs_inherit) {
  const std::set<int> before = open_descriptors();
  connected pair;  // the loop, a listener, a connection that was dialled and one that was accepted
  const tls_settings tls{.pem = testing::make_identity("both").pem()};
  pair.client.it->start_tls(tls_role::client, tls, {});
  pair.server.it->start_tls(tls_role::server, tls, {});
  ASSERT_TRUE(pair.run_until([&] { return pair.client.tls && pair.server.tls; }));
  const auto under_way = pair.net->dial(pair.door->local(), [](auto) {});
  std::optional<result<std::vector<endpoint>>> found;
  const auto looking = pair.net->resolve("localhost", 1, [&](auto r) { found = std::move(r); });
  EXPECT_GE(open_descriptors().size(), before.size() + 5);
  EXPECT_EQ(inherited_since(before), "");
  ASSERT_TRUE(pair.run_until([&] { return found.has_value(); }));
  EXPECT_EQ(inherited_since(before), "");
}

TEST(tcp, gives_the_descriptor_of_a_failed_dial_back_while_its_attempt_is_kept) {
  loopback here;
  const endpoint nobody = here.net->listen(any_port, [](auto) {}).value()->local();  // closed again
  const std::size_t before = open_descriptors().size();
  std::vector<std::unique_ptr<attempt>> kept;
  std::size_t failed = 0;
  for (int i = 0; i < 50; ++i) kept.push_back(here.net->dial(nobody, [&](auto s) { failed += s ? 0 : 1; }));
  ASSERT_TRUE(here.run_until([&] { return failed == kept.size(); }));
  EXPECT_EQ(open_descriptors().size(), before);
}

// Lets the process open so many descriptors more.
struct few_files {
  rlimit before;
  explicit few_files(rlim_t more) {
    ::getrlimit(RLIMIT_NOFILE, &before);
    const int next = ::dup(0);
    ::close(next);
    rlimit tight = before;
    tight.rlim_cur = static_cast<rlim_t>(next) + more;
    ::setrlimit(RLIMIT_NOFILE, &tight);
  }
  ~few_files() { ::setrlimit(RLIMIT_NOFILE, &before); }
};

TEST(tcp, lets_last_words_take_no_more_descriptors_than_are_left) {
  loopback here;
  std::size_t came = 0;
  const auto door = here.net->listen(any_port, [&](std::unique_ptr<stream> s) {
    ++came;
    s->finish("go away\n");
  });
  namespace asio = boost::asio;
  asio::io_context other;
  std::vector<asio::ip::tcp::socket> strangers;  // who do not go
  for (int i = 0; i < 40; ++i) {
    strangers.emplace_back(other);
    strangers.back().open(asio::ip::tcp::v4());
  }
  const few_files limit(20);
  const auto begin = core::time_point::clock::now();
  for (auto& s : strangers) s.connect({asio::ip::make_address("127.0.0.1"), door.value()->local().port});
  ASSERT_TRUE(here.run_until([&] { return came == strangers.size(); }));
  EXPECT_LT(core::time_point::clock::now() - begin, 1s);  // which last words may take
  EXPECT_GE(here.net->room(), 9u);
  for (auto& s : strangers) {
    std::array<char, 100> text;
    EXPECT_EQ(s.receive(asio::buffer(text)), 8u);
  }
}

}  // namespace
}  // namespace aemp::net
