#include "api/relaxed_json.hpp"

#include <algorithm>
#include <vector>

#include "api/json_trouble.hpp"
#include "data/json.hpp"

namespace aemp::api {
namespace {

// The text as strict JSON. Blanks replace what strict JSON does not know, so that positions stay; only a tab
// in a text grows by a byte.
class strict_text {
 public:
  explicit strict_text(std::string_view relaxed) {
    out_.reserve(relaxed.size());
    while (!relaxed.empty()) relaxed.remove_prefix(take(relaxed));
  }

  const std::string& str() const noexcept { return out_; }
  std::size_t position_in_original(std::size_t position) const {
    return position - static_cast<std::size_t>(std::ranges::lower_bound(grown_, position) - grown_.begin());
  }

 private:
  // Copies what comes next and returns its length.
  std::size_t take(std::string_view rest) {
    const char c = rest[0];
    switch (c) {
      case '#': {
        const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
        out_.append(end, ' ');
        return end;
      }
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        out_ += c;
        return 1;
      case '"':
        before_ = c;
        return take_text(rest);
      case ',':
        // Without an element before it, a comma is an error as ever.
        last_comma_ = std::string_view("[{,:").find(before_) == std::string_view::npos ? out_.size() : none;
        break;
      case ']':
      case '}':
        if (before_ == ',' && last_comma_ != none) out_[last_comma_] = ' ';
        break;
      default:
        break;
    }
    before_ = c;
    out_ += c;
    return 1;
  }

  std::size_t take_text(std::string_view rest) {
    out_ += '"';
    std::size_t i = 1;
    while (i < rest.size()) {
      const char c = rest[i++];
      if (c == '\t') {
        grown_.push_back(out_.size());
        out_ += "\\t";
      } else {
        out_ += c;
      }
      if (c == '"') break;
      if (c == '\\' && i < rest.size()) out_ += rest[i++];
    }
    return i;
  }

  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  std::string out_;
  std::vector<std::size_t> grown_;  // where a backslash was inserted
  char before_ = '[';               // the last character that is neither blank nor comment
  std::size_t last_comma_ = none;   // the last comma, if it follows an element
};

error error_at(std::string_view text, std::size_t position, const std::string& name,
               const std::string& what) {
  const std::string_view before = text.substr(0, position);
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::string_view in_line = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0
  const auto column = 1 + std::ranges::count_if(
                              in_line, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
  return {"bad_json", name + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + what};
}

}  // namespace

result<value> read_relaxed_json(std::string_view text, const std::string& name) {
  constexpr std::string_view blanks = " \t\r\n";
  const strict_text strict(text);
  const std::string& all = strict.str();
  if (all.find_first_not_of(blanks) == std::string::npos) return value();
  data::json_reader reader;
  const auto fed = reader.feed(all);
  bool good = static_cast<bool>(fed);
  if (good && fed->complete) {
    const std::size_t rest = all.find_first_not_of(blanks, fed->consumed);
    if (rest != std::string::npos) {
      return error_at(text, strict.position_in_original(rest), name, "something follows the JSON value");
    }
  } else if (good) {
    good = static_cast<bool>(reader.finish());
  }
  if (good) return reader.take();
  const bool is_syntax = fed || fed.error().name != "too_deep";
  if (const auto found = is_syntax ? find_json_trouble(all) : std::nullopt)
    return error_at(text, strict.position_in_original(found->position), name, "JSON: " + found->what);
  const data::json_reader::trouble& wrong = reader.what_is_wrong();
  return error_at(text, strict.position_in_original(wrong.position), name, "JSON: " + wrong.what);
}

}  // namespace aemp::api
