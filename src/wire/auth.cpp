// One table for the names. Each formula stands once, in auth_data.
#include "wire/auth.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "data/utf8.hpp"
#include "wire/hash.hpp"
#include "wire/md6.hpp"

namespace aemp::wire {
namespace {

constexpr std::array<std::pair<auth_method, std::string_view>, std::size(all_auth_methods)> names = {{
    {auth_method::tls_sha3_512, "tls_sha3_512"},
    {auth_method::tls_md6_64_256, "tls_md6_64_256"},
    {auth_method::hmac_sha3_512, "hmac_sha3_512"},
    {auth_method::hmac_md6_64_256, "hmac_md6_64_256"},
    {auth_method::tls_anon, "tls_anon"},
    {auth_method::cleartext, "cleartext"},
}};

// The cleartext method wants one byte per character of the secret: the low eight bits of its code point
// (C.6). A secret that is not UTF-8 has no characters, only bytes, and stays as it is.
std::string low_bytes_of_characters(std::string_view secret) {
  std::string out;
  for (std::size_t i = 0; i < secret.size();) {
    const auto lead = static_cast<unsigned char>(secret[i]);
    const std::size_t size = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
    if (size == 0 || size > secret.size() - i) return std::string(secret);
    unsigned code = size == 1 ? lead : lead & (0x7fu >> size);
    for (std::size_t j = 1; j < size; ++j) {
      const auto next = static_cast<unsigned char>(secret[i + j]);
      if ((next & 0xc0) != 0x80) return std::string(secret);
      code = code << 6 | (next & 0x3fu);
    }
    out.push_back(static_cast<char>(code & 0xff));
    i += size;
  }
  return out;
}

// 0 for what is none.
std::uint64_t number_in(std::string_view text) {
  std::uint64_t n = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
  return failure == std::errc() && end == text.data() + text.size() ? n : 0;
}

}  // namespace

std::string four_lines(const greeting_lines& own, const greeting_lines& peer) {
  std::string out;
  for (const auto line : {own.first, own.nonce, peer.first, peer.nonce}) {
    out += line;
    out += '\n';
  }
  return out;
}

// Of all lead bytes, only c2 and c3 begin characters from U+0080 to U+00FF.
std::string one_byte_form(std::string_view secret) {
  const auto is_above_one_byte = [](char c) { return static_cast<unsigned char>(c) >= 0xc4; };
  if (data::is_ascii(secret) || !data::is_utf8(secret)) return {};
  if (std::any_of(secret.begin(), secret.end(), is_above_one_byte)) return {};
  return low_bytes_of_characters(secret);
}

std::string_view to_text(auth_method method) {
  return std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.first == method; })->second;
}

std::optional<auth_method> auth_method_named(std::string_view name) {
  const auto found =
      std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.second == name; });
  if (found == names.end()) return std::nullopt;
  return found->first;
}

bool needs_tls(auth_method method) {
  return method == auth_method::tls_sha3_512 || method == auth_method::tls_md6_64_256 ||
         method == auth_method::tls_anon;
}

bool is_possible(auth_method method, const auth_means& means) {
  return needs_tls(method) ? means.tls_active : !means.secret.empty();
}

std::string auth_data(auth_method method, const greeting_lines& own, const greeting_lines& peer,
                      std::string_view secret) {
  switch (method) {
    case auth_method::tls_sha3_512:
      return to_hex(sha3_512(four_lines(own, peer)));
    case auth_method::tls_md6_64_256:
      return to_hex(md6_256(four_lines(own, peer)));
    case auth_method::hmac_sha3_512:
      return to_hex(hmac_sha3_512(secret, four_lines(own, peer)));
    case auth_method::hmac_md6_64_256:
      // Key and data are swapped compared to what one expects: real nodes compute it so (C.6).
      return to_hex(hmac_md6_64_256(four_lines(own, peer), md6_256(secret)));
    case auth_method::tls_anon:
      return {};
    case auth_method::cleartext:
      return to_hex(low_bytes_of_characters(secret));
  }
  throw std::invalid_argument("auth_data: not an authentication method");
}

std::optional<auth_method> choose_auth(std::span<const std::string> peer_accepts,
                                       std::span<const auth_method> offer, const auth_means& means) {
  for (const std::string& name : peer_accepts) {
    const auto method = auth_method_named(name);
    if (!method || std::find(offer.begin(), offer.end(), *method) == offer.end()) continue;
    if (needs_tls(*method) == means.tls_active && is_possible(*method, means)) return method;
  }
  return std::nullopt;
}

auth_line parse_auth_line(std::string_view line) {
  auto take_field = [&line, more = true]() mutable -> std::optional<std::string_view> {
    if (!more) return std::nullopt;
    const auto end = line.find(';');
    const auto field = line.substr(0, end);
    more = end != std::string_view::npos;
    line.remove_prefix(more ? end + 1 : line.size());
    return field;
  };
  auth_line fields;
  fields.method = *take_field();
  fields.data = take_field();
  fields.framing = take_field();
  if (const auto number = take_field()) fields.acceptance = number_in(*number);
  return fields;
}

}  // namespace aemp::wire
