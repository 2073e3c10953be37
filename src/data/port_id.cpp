// The two forms of a port ID, and what keeps them interchangeable. A numeric name is the node's prefix, a
// dot, and the number in base 36. All names are ordered "shorter first, then by character". Base 36 digits
// are in ASCII order, so for the numeric names of one prefix that is the order of the numbers.
#include <aemp/port_id.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <mutex>
#include <new>
#include <ostream>
#include <stdexcept>

#include "data/identity.hpp"

namespace aemp {

namespace detail {

struct port_text {
  std::atomic<std::uint32_t> refs{1};
  std::uint32_t node_size;
  std::uint32_t name_size;
  std::size_t hash;
  const char* chars() const noexcept { return reinterpret_cast<const char*>(this + 1); }
};

namespace {

constexpr int base = 36;
constexpr std::size_t longest_number = 13;

std::size_t mix(std::size_t h, std::uint64_t more) {
  h ^= more + 0x9e3779b97f4a7c15 + (h << 6) + (h >> 2);
  return h * 0xff51afd7ed558ccd;
}

std::size_t hash_text(std::string_view text) { return std::hash<std::string_view>()(text); }

std::string_view print_number(std::uint64_t number, std::array<char, longest_number>& out) {
  auto [end, ec] = std::to_chars(out.data(), out.data() + out.size(), number, base);
  return {out.data(), static_cast<std::size_t>(end - out.data())};
}

// The number after the last dot, if it is spelled as print_number spells it.
std::optional<std::uint64_t> read_number(std::string_view digits) {
  std::uint64_t number = 0;
  auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (ec != std::errc() || end != digits.data() + digits.size() || number == 0) return {};
  std::array<char, longest_number> again;
  if (print_number(number, again) != digits) return {};
  return number;
}

std::size_t hash_of_identity(std::string_view node, std::string_view uniq) {
  return mix(hash_text(node), hash_text(uniq));
}

// Must agree with the hash of the numeric form.
std::size_t hash_of_halves(std::string_view node, std::string_view name) {
  std::size_t dot = name.rfind('.');
  if (dot != std::string_view::npos) {
    if (auto number = read_number(name.substr(dot + 1))) {
      return mix(hash_of_identity(node, name.substr(0, dot)), *number);
    }
  }
  return name.empty() ? hash_text(node) : mix(hash_text(node), hash_text(name));
}

struct identities {
  std::mutex mutex;
  std::deque<node_identity> all;
};

// Leaked on purpose: port IDs in static variables may be printed after main.
identities& known() {
  static identities* all = new identities;
  return *all;
}

constinit thread_local const node_identity* home = nullptr;

}  // namespace

node_identity& make_identity(std::string node, std::string uniq) {
  identities& k = known();
  std::lock_guard lock(k.mutex);
  node_identity& made = k.all.emplace_back();
  made.node = std::move(node);
  made.uniq = std::move(uniq);
  made.hash = hash_of_identity(made.node, made.uniq);
  return made;
}

namespace {
constexpr std::uint64_t closed = std::uint64_t{1} << 63;
}

void enter(const node_identity& id) noexcept { id.users.fetch_add(1, std::memory_order_acquire); }

void leave(const node_identity& id) noexcept {
  if (id.users.fetch_sub(1, std::memory_order_acq_rel) == closed + 1) id.users.notify_all();
}

node_pin::node_pin(const node_identity& id) noexcept : id_(id) {
  const bool open = (id.users.fetch_add(1, std::memory_order_acquire) & closed) == 0;
  if (open) owner_ = id.owner.load(std::memory_order_acquire);
  if (owner_ == nullptr) leave(id);
}

node_pin::~node_pin() {
  if (owner_ != nullptr) leave(id_);
}

void let_nobody_in(const node_identity& id) noexcept {
  std::uint64_t users = id.users.fetch_or(closed, std::memory_order_acq_rel) | closed;
  while (users != closed) {
    id.users.wait(users, std::memory_order_acquire);
    users = id.users.load(std::memory_order_acquire);
  }
}

const node_identity* home_identity() noexcept { return home; }
void set_home_identity(const node_identity* identity) noexcept { home = identity; }

std::optional<std::uint64_t> number_of(const node_identity& node, std::string_view name) noexcept {
  if (name.size() <= node.uniq.size() + 1 || !name.starts_with(node.uniq) || name[node.uniq.size()] != '.')
    return {};
  return read_number(name.substr(node.uniq.size() + 1));
}

std::string name_of(const node_identity& node, std::uint64_t number) {
  if (number == 0) return {};
  std::array<char, longest_number> digits;
  std::string name = node.uniq;
  name += '.';
  name += print_number(number, digits);
  return name;
}

std::size_t text_size(const port_id& id) noexcept {
  if (id.shared_text() != nullptr)
    return sizeof(port_text) + id.shared_text()->node_size + id.shared_text()->name_size;
  if (id.identity() == nullptr) return 0;
  return id.identity()->node.size() + id.identity()->uniq.size() + longest_number + 2;
}

port_id make_local_port(const node_identity& node, std::uint64_t number) {
  port_id id;
  id.where_ = reinterpret_cast<std::uintptr_t>(&node);
  id.number_ = number;
  return id;
}

port_id make_named_port(std::string_view node, std::string_view name) {
  void* memory = ::operator new(sizeof(port_text) + node.size() + name.size());
  auto* t = ::new (memory) port_text;
  t->node_size = static_cast<std::uint32_t>(node.size());
  t->name_size = static_cast<std::uint32_t>(name.size());
  t->hash = hash_of_halves(node, name);
  char* chars = reinterpret_cast<char*>(t + 1);
  std::copy(name.begin(), name.end(), std::copy(node.begin(), node.end(), chars));
  port_id id;
  id.where_ = reinterpret_cast<std::uintptr_t>(t) + 1;
  return id;
}

port_halves halves(const port_text& t) noexcept {
  return {{t.chars(), t.node_size}, {t.chars() + t.node_size, t.name_size}};
}

void retain(port_text* t) noexcept { t->refs.fetch_add(1, std::memory_order_relaxed); }

void release(port_text* t) noexcept {
  if (t->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  t->~port_text();
  ::operator delete(t);
}

result<port_id> parse_port(std::string_view text, const node_identity* home) {
  const std::size_t split = text.find('#');
  const std::string_view node = text.substr(0, split);
  const std::string_view name = split == std::string_view::npos ? std::string_view() : text.substr(split + 1);
  if (node.empty() || text.find_first_of("\r\n") != std::string_view::npos ||
      node.find(';') != std::string_view::npos) {
    return error{"bad_port_id", "'" + std::string(text) +
                                    "' is no port ID: expected node#name, with a node that is not "
                                    "empty and has no ';' or line break"};
  }
  if (home != nullptr && node == home->node) {
    if (name.empty()) return make_local_port(*home, 0);
    if (auto number = number_of(*home, name)) return make_local_port(*home, *number);
  }
  return make_named_port(node, name);
}

}  // namespace detail

result<port_id> port_id::parse(std::string_view text) {
  return detail::parse_port(text, detail::home_identity());
}

std::string port_id::node() const {
  if (is_text()) return std::string(detail::halves(*text()).node);
  return where_ == 0 ? std::string() : identity()->node;
}

std::string port_id::name() const {
  if (is_text()) return std::string(detail::halves(*text()).name);
  return where_ == 0 ? std::string() : detail::name_of(*identity(), number_);
}

std::string port_id::str() const {
  std::string out = node();
  std::string local = name();
  if (!local.empty()) {
    out += '#';
    out += local;
  }
  return out;
}

bool port_id::is_node_port() const noexcept {
  if (is_text()) return text()->name_size == 0;
  return where_ != 0 && number_ == 0;
}

std::size_t port_id::hash() const noexcept {
  if (is_text()) return text()->hash;
  if (where_ == 0) return 0;
  return number_ == 0 ? detail::hash_text(identity()->node) : detail::mix(identity()->hash, number_);
}

bool port_id::equal_text(const port_id& a, const port_id& b) noexcept {
  if (!a || !b) return !a && !b;
  if (a.is_text() && b.is_text()) {
    const auto x = detail::halves(*a.text()), y = detail::halves(*b.text());
    return a.text()->hash == b.text()->hash && x.node == y.node && x.name == y.name;
  }
  return compare(a, b) == 0;
}

std::strong_ordering port_id::compare(const port_id& a, const port_id& b) noexcept {
  if (!a || !b) return static_cast<bool>(a) <=> static_cast<bool>(b);
  if (!a.is_text() && !b.is_text() && a.where_ == b.where_) return a.number_ <=> b.number_;
  // Printing may allocate. If that throws in this noexcept function, the process is out of memory anyway.
  if (auto order = a.node() <=> b.node(); order != 0) return order;
  const std::string x = a.name(), y = b.name();
  if (auto order = x.size() <=> y.size(); order != 0) return order;
  return x <=> y;
}

std::ostream& operator<<(std::ostream& out, const port_id& id) { return out << id.str(); }

port_id named_port(std::string_view node, std::string_view name) {
  auto id = port_id::parse(std::string(node) + "#" + std::string(name));
  if (!id) throw std::invalid_argument("named_port: " + id.error().text);
  return *std::move(id);
}

}  // namespace aemp
