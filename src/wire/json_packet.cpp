#include "wire/json_packet.hpp"

#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

#include "data/eight.hpp"
#include "data/utf8.hpp"

namespace aemp::wire {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_special(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

// Each read function takes the position where its part begins and returns the position after it; null if it
// cannot read the part, for whatever reason. So the position stays in a register.
class reader {
 public:
  reader(std::string_view in, const framing_limits& limits)
      : end_(in.data() + in.size()), max_depth_(limits.max_depth), weight_(limits.max_weight) {}

  const char* read_packet(const char* at, std::string_view& port, data::message_builder& elements) {
    if (end_ - at < 2 || at[0] != '[' || at[1] != '"') return nullptr;
    at = read_text(at + 2, port);
    while (at != nullptr && at != end_) {
      if (*at == ']') return at + 1;
      if (*at != ',' || !weight_.take(value_weight::element)) return nullptr;
      at = read_item(at + 1, 1, [&](auto&& v) { elements.add(std::forward<decltype(v)>(v)); });
    }
    return nullptr;
  }

 private:
  // Reads an item into its final place: put takes what the value is constructed from.
  template <class Put>
  [[gnu::always_inline]] const char* read_item(const char* at, std::size_t depth, Put put) {
    if (at == end_) return nullptr;
    if (*at == '"') {
      std::string_view text;
      at = read_text(at + 1, text);
      if (at != nullptr) put(text);
      return at;
    }
    if (is_digit(*at) || *at == '-') return read_number(at, put);
    return read_rare(at, depth, put);
  }

  template <class Put>
  [[gnu::noinline]] const char* read_rare(const char* at, std::size_t depth, Put& put) {
    switch (*at) {
      case '[':
      case '{':
        return depth < max_depth_ ? read_nested(at, depth + 1, put) : nullptr;
      case 'n':
        return read_word(at, "null", nullptr, put);
      case 't':
        return read_word(at, "true", true, put);
      case 'f':
        return read_word(at, "false", false, put);
      default:
        return nullptr;
    }
  }

  template <class V, class Put>
  const char* read_word(const char* at, std::string_view word, V meaning, Put& put) const {
    if (!std::string_view(at, end_).starts_with(word)) return nullptr;
    put(meaning);
    return at + word.size();
  }

  template <class Put>
  const char* read_nested(const char* at, std::size_t depth, Put& put) {
    if (!weight_.take(value_weight::container)) return nullptr;
    value::array elements;
    value::map entries;
    const bool is_map = *at == '{';
    at = is_map ? read_map(at + 1, depth, entries) : read_list(at + 1, depth, elements);
    if (at != nullptr) put(is_map ? value(std::move(entries)) : value(std::move(elements)));
    return at;
  }

  // After the opening quote.
  const char* read_text(const char* at, std::string_view& text) const {
    const char* const start = at;
    std::uint64_t seen = 0;
    for (; end_ - at >= 8; at += 8) {
      const std::uint64_t word = data::load_eight(at);
      const std::uint64_t specials = data::json_specials(word);
      if (specials != 0) {
        at += data::bytes_before(specials);
        seen |= word & (specials - 1);
        break;
      }
      seen |= word;
    }
    for (; at != end_ && !is_special(*at); ++at) seen |= static_cast<unsigned char>(*at);
    if (at == end_ || *at != '"') return nullptr;
    text = {start, at};
    const bool is_ascii = (seen & data::top_bits) == 0;
    return is_ascii || data::is_utf8_at_length(text) ? at + 1 : nullptr;
  }

  // Integers of up to 18 digits, which always fit; longer ones are rare.
  template <class Put>
  [[gnu::always_inline]] const char* read_number(const char* at, Put& put) const {
    const char* const start = at;
    if (*at == '-') ++at;
    const char* const digits = at;
    std::int64_t n = 0;
    if (end_ - at >= 8) [[likely]] {
      const std::uint64_t word = data::load_eight(at);
      const unsigned count = data::count_digits(word);
      if (count == 0) return nullptr;
      n = static_cast<std::int64_t>(data::number_of_digits(word, count));
      at += count;
    }
    for (; at != end_ && is_digit(*at) && at - digits < 18; ++at) n = 10 * n + (*at - '0');
    if (at == digits || at == end_ || is_digit(*at)) return nullptr;
    if (*digits == '0' && at - digits > 1) return nullptr;
    if (*at == '.' || *at == 'e' || *at == 'E') return read_real(start, at, put);
    put(digits == start ? n : -n);
    return at;
  }

  // Reads the number that begins at `start`, and has a fraction or an exponent at `at`.
  template <class Put>
  [[gnu::noinline]] const char* read_real(const char* start, const char* at, Put& put) const {
    if (*at == '.') at = skip_digits(at + 1);
    if (at != nullptr && at != end_ && (*at == 'e' || *at == 'E')) {
      ++at;
      if (at != end_ && (*at == '+' || *at == '-')) ++at;
      at = skip_digits(at);
    }
    double d = 0;
    if (at == nullptr || std::from_chars(start, at, d).ec != std::errc()) return nullptr;
    put(d);
    return at;
  }

  // Requires at least one digit.
  const char* skip_digits(const char* at) const {
    const char* const first = at;
    while (at != end_ && is_digit(*at)) ++at;
    return at != first ? at : nullptr;
  }

  // After the opening bracket.
  const char* read_list(const char* at, std::size_t depth, value::array& out) {
    if (at != end_ && *at == ']') return at + 1;
    for (;; ++at) {
      if (!weight_.take(value_weight::element)) return nullptr;
      at = read_item(at, depth, [&](auto&& v) { out.emplace_back(std::forward<decltype(v)>(v)); });
      if (at == nullptr || at == end_) return nullptr;
      if (*at == ']') return at + 1;
      if (*at != ',') return nullptr;
    }
  }

  const char* read_map(const char* at, std::size_t depth, value::map& out) {
    if (at != end_ && *at == '}') return at + 1;
    for (;; ++at) {
      if (!weight_.take(value_weight::entry + value_weight::element)) return nullptr;
      std::string_view key;
      if (at == end_ || *at != '"') return nullptr;
      at = read_text(at + 1, key);
      if (at == nullptr || at == end_ || *at != ':') return nullptr;
      at = read_item(at + 1, depth, [&](auto&& v) {
        out.insert_or_assign(std::string(key), value(std::forward<decltype(v)>(v)));
      });
      if (at == nullptr || at == end_) return nullptr;
      if (*at == '}') return at + 1;
      if (*at != ',') return nullptr;
    }
  }

  const char* end_;
  std::size_t max_depth_;
  weight_left weight_;
};

}  // namespace

std::size_t read_json_packet(std::string_view in, const framing_limits& limits, std::string_view& port,
                             data::message_builder& elements) {
  reader r(in.substr(0, limits.max_packet), limits);
  const char* const end = limits.max_depth == 0 ? nullptr : r.read_packet(in.data(), port, elements);
  if (end == nullptr) {
    elements.clear();
    return 0;
  }
  return static_cast<std::size_t>(end - in.data());
}

}  // namespace aemp::wire
