// The floods of bench/floods. usage: flooder_flooding KIND ENDPOINT SLOW0 SLOW1, the last two port IDs of the
// victim. It goes on until SIGTERM, then prints one line of JSON about what it did. Where the victim ends a
// connection, the flood makes a new one and goes on.
#include <sys/prctl.h>

#include <deque>
#include <functional>
#include <map>

#include "bench/flooding/lines.hpp"

namespace {

using namespace flooding;

struct target {
  std::string endpoint, slow0, slow1;
};

std::string text_of(unsigned long long n) { return std::to_string(n); }

// ---- strangers ----

// Each is kept until there are so many newer ones.
void strangers(const target& to, std::size_t kept, const std::function<std::string()>& say) {
  std::deque<line> open;
  while (!over) {
    line& newest = open.emplace_back(to.endpoint);
    if (const std::string words = say(); !words.empty()) newest.write(words, true);
    ++counted.packets;
    if (open.size() > kept) open.pop_front();
  }
}

std::string half_greeting() {
  const unsigned long long n = counted.packets;
  const std::string whole = "aemp;1;stranger" + text_of(n) + ";hmac_sha3_512;json";
  switch (n % 4) {
    case 0:
      return whole.substr(0, 20);
    case 1:
      return std::string(4000, 'x');
    case 2:
      return whole + "\n";
    default:
      return whole + "\nnonce\n";
  }
}

// ---- peers ----

// Asks for lots of packets and writes them, over new connections when the old one is ended. `setup` comes
// first on each.
struct habits {
  std::string framing = "json", setup = {}, keys = ";mproto=1;gproto=1";
  bool deaf = false;
};

template <class Lot>
void peer(const target& to, const habits& has, Lot&& lot) {
  while (!over) {
    line up = log_in(to.endpoint, "flood", has.framing, has.keys);
    if (!up.is_open()) {
      usleep(20'000);
      continue;
    }
    up.write(has.setup);
    while (up.is_open()) up.write(lot(), has.deaf);
  }
}

// So many packets, each made of a number that does not come again.
template <class Packet>
std::string lot_of(int most, Packet&& packet) {
  std::string lot;
  for (int i = 0; i < most; ++i) lot += packet(counted.packets++);
  return lot;
}

template <class Packet>
void packets(const target& to, const habits& has, int most, Packet&& packet) {
  peer(to, has, [&] { return lot_of(most, packet); });
}

void unknown_ports(const target& to) {
  packets(to, {}, 1000, [](auto n) { return "[\"nobody" + text_of(n) + "\",\"hello\"]"; });
}

void large_names(const target& to) {
  packets(to, {.setup = R"(["","g_slave",{}])"}, 1, [](auto n) {
    const std::string name = text_of(n) + std::string(1'000'000, 'x');
    switch (n % 6) {
      case 0:
        return "[\"" + name + "\",\"hello\"]";
      case 1:
        return "[\"\",\"" + name + "\"]";
      case 2:
        return "[\"\",\"g_mon1\",\"" + name + "\"]";
      case 3:
        return "[\"\",\"g_upd\",\"f\",{\"" + name + "\":null}]";
      case 4:
        return "[\"\",\"g_upd\",\"" + name + "\",{\"k\":null}]";
      default:
        return "[\"\",\"mon1\",\"" + name + "\"]";
    }
  });
}

void invented_nodes(const target& to) {
  packets(to, {.setup = R"(["","g_slave",{}])"}, 500, [](auto n) {
    const std::string ghost = n % 2 == 0 ? "ghost" + text_of(n) : "127.0.0.1:" + text_of(n % 60'000 + 1024);
    if (n % 3 == 0) return "[\"\",\"g_find\",\"" + ghost + "\"]";
    return "[\"\",\"snd\",\"" + ghost + "#p\",\"hello\"]";
  });
}

// Monitors of ports of other nodes, asked for at the victim and through it.
void invented_monitors(const target& to) {
  packets(to, {}, 500, [](auto n) {
    if (n % 2 == 0) return "[\"\",\"mon1\",\"ghost" + text_of(n) + "#p\"]";
    return "[\"\",\"snd\",\"ghost" + text_of(n) + "#\",\"mon1\",\"ghost" + text_of(n) + "#p\"]";
  });
}

void slow_port(const target& to, const std::string& port) {
  const std::string name = port.substr(port.find('#') + 1);
  const std::string packet = "[\"" + name + "\",\"" + std::string(1000, 'x') + "\"]";
  packets(to, {}, 100, [&](auto) { return packet; });
}

void sink(const target& to) {
  packets(to, {}, 1000, [](auto n) { return "[\"sink\"," + text_of(n) + "]"; });
}

void family(const target& to, bool deaf) {
  packets(to, {.deaf = deaf}, 1,
          [](auto n) { return "[\"\",\"g_db_family\",\"big\",\"" + text_of(n) + "\"]"; });
}

void subscribed(const target& to) {
  packets(to, {.setup = R"(["","g_slave",{}])"}, 1,
          [](auto) { return std::string(R"(["","g_mon1","big"]["","g_mon0","big"])"); });
}

// A key of a large family that comes and goes, for a node that is told of changes.
void changes(const target& to) {
  packets(to, {.setup = R"(["","g_slave",{}]["","g_mon1","big"])"}, 100, [](auto n) {
    const std::string key = "\"mine" + text_of(n / 2) + "\"";
    if (n % 2 == 0) return "[\"\",\"g_upd\",\"big\",{" + key + ":1}]";
    return "[\"\",\"g_upd\",\"big\",null,[" + key + "]]";
  });
}

std::string big_endian(std::uint32_t n) {
  return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8),
          static_cast<char>(n)};
}

std::string little_endian(std::uint32_t n) {
  const std::string big = big_endian(n);
  return {big.rbegin(), big.rend()};
}

std::string varint(std::uint64_t n) {
  std::string out;
  for (; n >= 0x80; n >>= 7) out += static_cast<char>(n | 0x80);
  return out + static_cast<char>(n);
}

// ["sink", {}, [], {}, …]
std::string empties_in_cbor(std::uint32_t most) {
  std::string packet = "\x9a" + big_endian(most + 1) + "\x64sink";
  for (std::uint32_t i = 0; i < most; ++i) packet += i % 2 == 0 ? '\xa0' : '\x80';
  return packet;
}
std::string empties_in_aemp1(std::uint32_t most) {
  std::string frame = std::string("\0", 1) + varint(2 * 256 + 1) + "\x04sink" + varint(most);
  for (std::uint32_t i = 0; i < most; ++i) frame += i % 2 == 0 ? '\xb0' : '\xa0';
  return little_endian(static_cast<std::uint32_t>(frame.size())) + frame;
}

void empties(const target& to, const std::string& framing, std::uint32_t most) {
  const std::string packet = framing == "cbor" ? empties_in_cbor(most) : empties_in_aemp1(most);
  packets(to, {.framing = framing}, 1, [&](auto) { return packet; });
}

void monitors(const target& to) {
  std::string all;
  for (int i = 0; i < 300'000; ++i) all += "[\"\",\"mon1\",\"p" + text_of(static_cast<unsigned>(i)) + "\"]";
  while (!over) {
    line up = log_in(to.endpoint, "flood");
    if (!up.is_open()) {
      usleep(20'000);
      continue;
    }
    up.write(all);
    counted.packets += 300'000;
    up.listen(200);  // and hangs up
  }
}

// Circuits that the victim has, and that it passes on; half of them with names of 1 MB.
void circuits(const target& to, std::size_t size) {
  packets(to, {}, 10, [&](auto n) {
    const std::string name = text_of(n) + std::string(size, 'c');
    if (n % 2 == 0) return "[\"\",\"circuit\",\"somebody" + text_of(n) + "\",\"" + name + "\",\"open\"]";
    return "[\"\",\"relay\",\"innocent\",\"" + name + "\",\"open\"]";
  });
}

// Announced with so many bytes each, and never made.
void data_connections(const target& to, std::size_t size) {
  const std::string more(size, 'd');
  packets(to, {}, size > 10'000 ? 1 : 100, [&](auto n) {
    return "[\"\",\"AnyEvent::MP::DataConn::_expect\",\"d" + text_of(n) + "@flood\",\"flood#p" + text_of(n) +
           "\",86400,\"take\",\"" + more + "\"]";
  });
}

void kept_keys(const target& to) {
  packets(to, {}, 100, [](auto n) {
    return "[\"\",\"AnyEvent::MP::Kernel::db_set\",\"f" + text_of(n % 100) + "\",\"" + text_of(n) +
           std::string(4000, 'k') + "\",1]";
  });
}

// Up to what one node may register, and on.
void registered(const target& to) {
  packets(to, {.setup = R"(["","g_slave",{}])"}, 100, [](auto n) {
    return "[\"\",\"g_upd\",\"f" + text_of(n % 100) + "\",{\"" + text_of(n) + std::string(1000, 'k') +
           "\":1}]";
  });
}

// Messages that never end, on as many connections as it takes.
void unfinished(const target& to) {
  const std::string part = "[\"sink\",\"" + std::string(30'000'000, 'x');
  std::deque<line> open;
  while (!over) {
    line& newest = open.emplace_back(log_in(to.endpoint, "flood" + text_of(open.size() % 40)));
    if (newest.is_open()) newest.write(part, true);
    ++counted.packets;
    if (open.size() > 40) open.pop_front();
  }
}

const std::map<std::string, std::function<void(const target&)>> kinds{
    {"connects", [](const target& t) { strangers(t, 100, [] { return std::string(); }); }},
    {"greetings", [](const target& t) { strangers(t, 400, half_greeting); }},
    {"unknown-ports", unknown_ports},
    {"sink", sink},
    {"large-names", large_names},
    {"invented-nodes", invented_nodes},
    {"invented-monitors", invented_monitors},
    {"slow-port-0", [](const target& t) { slow_port(t, t.slow0); }},
    {"slow-port-1", [](const target& t) { slow_port(t, t.slow1); }},
    {"family", [](const target& t) { family(t, false); }},
    {"family-deaf", [](const target& t) { family(t, true); }},
    {"subscriptions", subscribed},
    {"changes", changes},
    {"empties-cbor", [](const target& t) { empties(t, "cbor", 500'000); }},
    {"empties-aemp1", [](const target& t) { empties(t, "aemp1", 500'000); }},
    {"too-many-empties", [](const target& t) { empties(t, "cbor", 30'000'000); }},
    {"monitors", monitors},
    {"circuits", [](const target& t) { circuits(t, 20); }},
    {"circuit-names", [](const target& t) { circuits(t, 1'000'000); }},
    {"data-connections", [](const target& t) { data_connections(t, 20); }},
    {"data-weight", [](const target& t) { data_connections(t, 1'000'000); }},
    {"kept-keys", kept_keys},
    {"registered", registered},
    {"unfinished", unfinished},
};

}  // namespace

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGTERM, [](int) { over = 1; });
  const auto kind = kinds.find(argc == 5 ? argv[1] : "");
  if (kind == kinds.end()) {
    for (const auto& [name, f] : kinds) std::printf("%s\n", name.c_str());
    return 2;
  }
  kind->second({argv[2], argv[3], argv[4]});
  std::printf("{\"connections\": %llu, \"packets\": %llu, \"bytes\": %llu, \"closed\": %llu}\n",
              counted.connections, counted.packets, counted.bytes, counted.closed);
  return 0;
}
