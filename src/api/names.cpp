#include "api/names.hpp"

#include <vector>

#include <aemp/node.hpp>

#include <unistd.h>

namespace aemp::api {

std::string random_word(environment& world, std::size_t size) {
  static constexpr std::string_view letters =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string word;
  std::array<std::byte, 64> pool;
  while (word.size() < size) {
    world.random(pool);
    for (std::byte b : pool) {
      // 248 is the largest multiple of 62 in a byte: beyond it the first letters would be more frequent.
      if (const auto n = static_cast<unsigned>(b); n < 248 && word.size() < size)
        word += letters[n % letters.size()];
    }
  }
  return word;
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data())
                                                          : std::string("localhost");
}

std::string private_node_id() { return std::to_string(::getpid()) + "@" + host_name(); }

namespace {

void replace(std::string& text, std::string_view what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

result<void> check_node_id(std::string_view id) {
  for (char c : id) {
    if (c == '#' || c == ';' || static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
      return error{"bad_node_id", "'" + std::string(id) +
                                      "' cannot be a node ID: it must not contain '#', ';', or control "
                                      "characters"};
    }
  }
  constexpr std::size_t longest = 255;
  if (id.size() > longest) {
    return error{"bad_node_id", "the node ID '" + std::string(id.substr(0, 40)) + "…' has " +
                                    std::to_string(id.size()) + " characters; 255 are allowed"};
  }
  return {};
}

std::string node_id_of(const config& settings, environment& world) {
  std::string id = settings.nodeid;
  if (id.empty()) id = (settings.profile.empty() ? host_name() : settings.profile) + "/";
  if (id.ends_with('/')) id += "%u";
  replace(id, "%n", host_name());
  replace(id, "%u", random_word(world, 10));
  if (auto good = check_node_id(id); !good) throw start_error(good.error());
  return id;
}

}  // namespace aemp::api
