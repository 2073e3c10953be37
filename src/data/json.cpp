// Writing is by hand. Reading uses the events of Boost.JSON's incremental parser.
#include "data/json.hpp"

#include <aemp/message.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "data/eight.hpp"
#include "data/utf8.hpp"
#include "data/weight.hpp"

namespace aemp::data {
namespace {

// Returns a view of what it has written, which is valid until the next call.
template <class N>
std::string_view append_number(appender& out, N n) {
  char* const start = out.room();
  const auto size =
      static_cast<std::size_t>(std::to_chars(start, start + appender::most_room, n).ptr - start);
  out.took(size);
  return {start, size};
}

void append_escaped(appender& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::size_t plain = 0;  // the start of the run of characters that need no escape
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.put(text.substr(plain, i - plain));
    plain = i + 1;
    out.put('\\');
    switch (c) {
      case '\b':
        out.put('b');
        break;
      case '\f':
        out.put('f');
        break;
      case '\n':
        out.put('n');
        break;
      case '\r':
        out.put('r');
        break;
      case '\t':
        out.put('t');
        break;
      case '"':
      case '\\':
        out.put(static_cast<char>(c));
        break;
      default:
        out.put("u00");
        out.put(digits[c >> 4]);
        out.put(digits[c & 15]);
    }
  }
  out.put(text.substr(plain));
}

// Plain text is ASCII without control characters, quotes and backslashes: nothing in it needs an escape.
constexpr auto not_plain = [](std::uint64_t word) { return json_specials(word) | (word & top_bits); };
bool is_plain(std::string_view text) {
  return each_eight(text, [](std::uint64_t word) { return not_plain(word) == 0; });
}

// The value of a number's text. Boost's own double is not always the nearest one. It is used only to choose
// between zero and infinity where no nearest one exists.
value number_of(std::string_view text, double boosts) {
  if (text.find_first_of(".eE") == std::string_view::npos) return value(text);
  double d = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), d);
  if (failure == std::errc::result_out_of_range) {
    d = std::copysign(std::abs(boosts) > 1 ? std::numeric_limits<double>::infinity() : 0.0, boosts);
  }
  return value(d);
}

// Takes the parser's events and builds values of them, one open list or map per level.
class builder {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  using error_code = boost::json::error_code;
  using text_part = boost::json::string_view;

  explicit builder(std::size_t max_weight) : max_weight_(max_weight) {}

  bool on_document_begin(error_code&) {
    weight_ = 0;
    if (!levels_.empty()) levels_.front().elements.clear();
    return true;
  }
  bool on_document_end(error_code&) { return true; }

  bool on_array_begin(error_code& e) { return open(false, e); }
  bool on_object_begin(error_code& e) { return open(true, e); }
  bool on_array_end(std::size_t, error_code& e) {
    level& closed = levels_[--open_];
    is_list_ = open_ == 0;
    return is_list_ || add(std::exchange(closed.elements, {}), e);
  }
  bool on_object_end(std::size_t, error_code& e) {
    level& closed = levels_[--open_];
    return add(std::exchange(closed.entries, {}), e);
  }

  bool on_string_part(text_part s, std::size_t, error_code&) { return keep(s); }
  bool on_string(text_part s, std::size_t, error_code& e) {
    return with_whole(s, [&](std::string_view t) { return add(t, e); });
  }
  bool on_key_part(text_part s, std::size_t, error_code&) { return keep(s); }
  bool on_key(text_part s, std::size_t, error_code&) {
    return with_whole(s, [&](std::string_view t) {
      levels_[open_ - 1].key = t;
      return true;
    });
  }
  bool on_number_part(text_part s, error_code&) { return keep(s); }
  bool on_int64(std::int64_t n, text_part, error_code& e) { return drop_parts(), add(n, e); }
  bool on_uint64(std::uint64_t n, text_part, error_code& e) { return drop_parts(), add(n, e); }
  bool on_double(double d, text_part s, error_code& e) {
    return with_whole(s, [&](std::string_view t) { return add(number_of(t, d), e); });
  }
  bool on_bool(bool b, error_code& e) { return add(b, e); }
  bool on_null(error_code& e) { return add(value(), e); }
  bool on_comment_part(text_part, error_code&) { return true; }
  bool on_comment(text_part, error_code&) { return true; }

  value take() { return is_list_ ? value(std::exchange(*list(), {})) : std::exchange(single_, {}); }
  value::array* list() { return is_list_ ? &levels_.front().elements : nullptr; }

  std::size_t weight() const noexcept { return weight_; }
  bool is_too_heavy() const noexcept { return weight_ > max_weight_; }

 private:
  struct level {
    bool is_map = false;
    value::array elements;
    value::map entries;
    std::string key;
  };

  bool charge(std::size_t more, error_code& e) {
    weight_ += more;
    if (!is_too_heavy()) return true;
    e = boost::json::error::array_too_large;
    return false;
  }

  bool open(bool is_map, error_code& e) {
    if (!charge(value_weight::container, e)) return false;
    if (open_ == levels_.size()) levels_.emplace_back();
    levels_[open_++].is_map = is_map;
    return true;
  }
  // Adds a value to the innermost open list or map. Outside of them, it is the whole text's value.
  template <class T>
  bool add(T&& v, error_code& e) {
    if (open_ == 0) {
      single_ = value(std::forward<T>(v));
      is_list_ = false;
      return true;
    }
    level& innermost = levels_[open_ - 1];
    if (!charge(value_weight::element + (innermost.is_map ? value_weight::entry : 0), e)) return false;
    if (innermost.is_map) {
      innermost.entries.insert_or_assign(std::move(innermost.key), value(std::forward<T>(v)));
    } else {
      innermost.elements.emplace_back(std::forward<T>(v));
    }
    return true;
  }

  bool keep(text_part s) {
    parts_.append(s.data(), s.size());
    return true;
  }
  bool drop_parts() {
    parts_.clear();
    return true;
  }
  template <class Use>
  bool with_whole(text_part last, Use use) {
    if (parts_.empty()) return use(std::string_view(last.data(), last.size()));
    keep(last);
    return use(std::string_view(parts_)) && drop_parts();
  }

  const std::size_t max_weight_;
  std::size_t weight_ = 0;
  std::vector<level> levels_;  // the first open_ of them are open, the others empty
  std::size_t open_ = 0;
  std::string parts_;  // of a text or number that came in several pieces
  value single_;
  bool is_list_ = false;  // the complete value is a list, which lies in the first level
};

boost::json::parse_options options(std::size_t max_depth) {
  boost::json::parse_options o;
  o.max_depth = max_depth;
  return o;
}

}  // namespace

void append_json(appender& out, std::int64_t n) {
  const auto size = n < 0 ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
  if (size >= eight_digits) {
    append_number(out, n);
    return;
  }
  char* const to = out.room();
  const bool is_negative = n < 0;
  to[0] = '-';
  out.took(is_negative + write_digits(to + is_negative, size));
}

void append_json(appender& out, double d) {
  if (std::isnan(d)) {
    out.put("\"nan\"");
  } else if (std::isinf(d)) {
    out.put(d < 0 ? "-1e999" : "1e999");
  } else {
    const bool looks_whole = append_number(out, d).find_first_of(".e") == std::string_view::npos;
    if (looks_whole) out.put(".0");
  }
}

void append_json(appender& out, std::string_view text) {
  if (text.size() <= appender::most_room - 2) {
    char* const to = out.room();
    if (copy_short(to + 1, text, not_plain) == 0) {
      to[0] = '"';
      to[1 + text.size()] = '"';
      return out.took(text.size() + 2);
    }
  }
  out.put('"');
  if (is_plain(text)) {
    out.put(text);
  } else if (is_utf8(text)) {
    append_escaped(out, text);
  } else {
    append_escaped(out, utf8_of_latin1(text));
  }
  out.put('"');
}

namespace {

// Beyond this depth, lists and maps are written without recursion.
constexpr std::size_t shallow = 64;

void append_deep(appender& out, const value& all) {
  struct level {
    const value* of;
    std::size_t at = 0;                     // of a list
    value::map::const_iterator entry = {};  // of a map
  };
  std::vector<level> open;
  const auto begin = [&](const value& v) {
    if (v.depth() <= shallow) return append_json(out, v);
    const bool is_map = v.type() == value::kind::map;
    out.put(is_map ? '{' : '[');
    open.push_back({&v, 0, is_map ? v.entries().begin() : value::map::const_iterator()});
  };
  begin(all);
  while (!open.empty()) {
    level& innermost = open.back();
    const value& v = *innermost.of;
    const bool is_map = v.type() == value::kind::map;
    if (innermost.at == v.size()) {
      out.put(is_map ? '}' : ']');
      open.pop_back();
      continue;
    }
    if (innermost.at++ != 0) out.put(',');
    if (!is_map) {
      begin(v.elements()[innermost.at - 1]);
      continue;
    }
    const auto entry = innermost.entry++;
    append_json(out, std::string_view(entry->first));
    out.put(':');
    begin(entry->second);
  }
}

}  // namespace

void append_json(appender& out, const value& v) {
  if (v.depth() > shallow) [[unlikely]]
    return append_deep(out, v);
  switch (v.type()) {
    case value::kind::null:
      return out.put("null");
    case value::kind::boolean:
      return out.put(v.boolean() ? "true" : "false");
    case value::kind::integer:
      return append_json(out, v.integer());
    case value::kind::unsigned_integer:
      append_number(out, v.unsigned_integer());
      return;
    case value::kind::real:
      return append_json(out, v.real());
    case value::kind::text:
    case value::kind::bytes:
      return append_json(out, v.text());
    case value::kind::port:
    case value::kind::object:
      return append_json(out, std::string_view(v.to_string()));
    case value::kind::array: {
      char before = '[';
      for (const value& element : v.elements()) {
        out.put(std::exchange(before, ','));
        append_json(out, element);
      }
      return out.put(before == '[' ? "[]" : "]");
    }
    case value::kind::map: {
      char before = '{';
      for (const auto& [key, entry] : v.entries()) {
        out.put(std::exchange(before, ','));
        append_json(out, std::string_view(key));
        out.put(':');
        append_json(out, entry);
      }
      return out.put(before == '{' ? "{}" : "}");
    }
  }
}

struct json_reader::parser {
  parser(std::size_t max_depth, std::size_t max_weight) : boosts(options(max_depth), max_weight) {}

  // Feeds a slice, and keeps the position for error texts. `more`: something may follow the slice.
  result<progress> run(std::string_view slice, bool more) {
    boost::json::error_code failure;
    const std::size_t consumed = boosts.write_some(more, slice.data(), slice.size(), failure);
    if (failure) {
      const bool too_deep = failure == boost::json::error::too_deep;
      const bool too_heavy = boosts.handler().is_too_heavy();
      wrong = {position + consumed, too_deep    ? "lists and maps are nested too deeply"
                                    : too_heavy ? "lists and maps with too many elements"
                                                : failure.message()};
      return aemp::error{too_deep    ? "too_deep"
                         : too_heavy ? "too_heavy"
                                     : "bad_json",
                         "JSON: " + wrong.what + " at byte " + std::to_string(wrong.position)};
    }
    position += consumed;
    const bool complete = boosts.done();
    if (complete) {
      boosts.reset();
      position = 0;
    }
    return progress{consumed, complete};
  }

  boost::json::basic_parser<builder> boosts;
  std::size_t position = 0;  // of the next byte in this value
  trouble wrong;
};

json_reader::json_reader(std::size_t max_depth, std::size_t max_weight)
    : parser_(std::make_unique<parser>(max_depth, max_weight)) {}
std::size_t json_reader::weight() const noexcept { return parser_->boosts.handler().weight(); }
json_reader::json_reader(json_reader&&) noexcept = default;
json_reader& json_reader::operator=(json_reader&&) noexcept = default;
json_reader::~json_reader() = default;

result<json_reader::progress> json_reader::feed(std::string_view slice) { return parser_->run(slice, true); }

const json_reader::trouble& json_reader::what_is_wrong() const noexcept { return parser_->wrong; }

result<void> json_reader::finish() {
  const auto last = parser_->run({}, false);
  if (!last) return last.error();
  return {};
}

value json_reader::take() { return parser_->boosts.handler().take(); }
value::array* json_reader::list() { return parser_->boosts.handler().list(); }

namespace {

// The text must hold exactly one value, which the reader has afterwards.
result<void> read_all(json_reader& reader, std::string_view text) {
  auto fed = reader.feed(text);
  if (!fed) return fed.error();
  if (!fed->complete) return reader.finish();
  const auto rest = text.find_first_not_of(" \t\r\n", fed->consumed);
  if (rest == std::string_view::npos) return {};
  return error{"bad_json", "JSON: something follows the value at byte " + std::to_string(rest)};
}

}  // namespace
}  // namespace aemp::data

namespace aemp {

std::string value::to_json() const {
  std::string text;
  data::appender out(text);
  data::append_json(out, *this);
  out.flush();
  return text;
}

result<value> value::from_json(std::string_view text) {
  data::json_reader reader;
  if (auto read = data::read_all(reader, text); !read) return read.error();
  return reader.take();
}

std::string message::to_json() const {
  std::string text;
  data::appender out(text);
  out.put('[');
  for (std::size_t i = 0; i < size(); ++i) {
    if (i != 0) out.put(',');
    data::append_json(out, (*this)[i]);
  }
  out.put(']');
  out.flush();
  return text;
}

result<message> message::from_json(std::string_view text) {
  data::json_reader reader;
  if (auto read = data::read_all(reader, text); !read) return read.error();
  if (auto* const list = reader.list()) return message::of(std::move(*list));
  return error{"not_a_list",
               "a message is a JSON list, but this is a " + std::string(name_of(reader.take().type()))};
}

}  // namespace aemp
