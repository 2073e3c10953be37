// A symbol is the 64-bit key under which a tag is looked up. A tag of up to seven bytes is packed into its
// key, so equal keys mean equal tags. A longer tag is hashed (FNV-1a), with the top bit set, and a lookup has
// to compare the text as well. The key of a literal is a constant after optimisation. No tag has the key
// zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace aemp {

namespace detail {

inline constexpr std::size_t packed_tag_size = 7;
inline constexpr std::uint64_t hashed_tag_bit = std::uint64_t{1} << 63;

constexpr std::uint64_t fnv_start = 0xcbf29ce484222325;
constexpr std::uint64_t fnv_step(std::uint64_t h, char c) {
  return (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
}

constexpr std::uint64_t pack_byte(char c, std::size_t i) {
  return std::uint64_t{static_cast<unsigned char>(c)} << (8 * i);
}

// The size is part of the key; plus one, so that the empty tag has a key, too.
constexpr std::uint64_t pack_size(std::size_t size) { return static_cast<std::uint64_t>(size + 1) << 56; }

}  // namespace detail

constexpr std::uint64_t symbol_key(std::string_view tag) {
  if (tag.size() <= detail::packed_tag_size) {
    std::uint64_t key = detail::pack_size(tag.size());
    for (std::size_t i = 0; i < tag.size(); ++i) key |= detail::pack_byte(tag[i], i);
    return key;
  }
  std::uint64_t h = detail::fnv_start;
  for (char c : tag) h = detail::fnv_step(h, c);
  return h | detail::hashed_tag_bit;
}

namespace detail {

// Unrolled by hand, because compilers do not reliably fold a loop over a literal.
template <std::size_t N, std::size_t... I>
[[gnu::always_inline]] constexpr std::uint64_t literal_key(const char (&text)[N], std::index_sequence<I...>) {
  if constexpr (N - 1 <= packed_tag_size) {
    return (pack_size(N - 1) | ... | pack_byte(text[I], I));
  } else {
    std::uint64_t h = fnv_start;
    ((h = fnv_step(h, text[I])), ...);
    return h | hashed_tag_bit;
  }
}

}  // namespace detail

template <std::size_t N>
[[gnu::always_inline]] constexpr std::uint64_t literal_symbol_key(const char (&text)[N]) {
  if constexpr (N - 1 <= 48) return detail::literal_key(text, std::make_index_sequence<N - 1>());
  return symbol_key(std::string_view(text, N - 1));
}

// A tag with its key: what a handler is registered under.
class symbol {
 public:
  symbol() = default;
  explicit symbol(std::string_view tag) : key_(symbol_key(tag)), text_(tag) {}

  std::uint64_t key() const noexcept { return key_; }
  const std::string& text() const noexcept { return text_; }
  bool is_packed() const noexcept { return (key_ & detail::hashed_tag_bit) == 0; }

  friend bool operator==(const symbol& a, const symbol& b) { return a.key_ == b.key_ && a.text_ == b.text_; }

 private:
  std::uint64_t key_ = symbol_key("");
  std::string text_;
};

}  // namespace aemp
