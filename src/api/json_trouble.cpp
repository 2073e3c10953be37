#include "api/json_trouble.hpp"

#include <algorithm>
#include <vector>

#include "data/utf8.hpp"

namespace aemp::api {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool goes_on_word(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '+' || c == '.'; }

std::string_view word_of(std::string_view text) {
  const auto end = std::ranges::find_if_not(text, goes_on_word);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

std::string_view digits_of(std::string_view text) {
  return text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
}

bool is_number(std::string_view word) {
  if (word.starts_with('-')) word.remove_prefix(1);
  const std::string_view whole = digits_of(word);
  if (whole.empty() || (whole.size() > 1 && whole[0] == '0')) return false;
  word.remove_prefix(whole.size());
  if (word.starts_with('.')) {
    const std::string_view fraction = digits_of(word.substr(1));
    if (fraction.empty()) return false;
    word.remove_prefix(1 + fraction.size());
  }
  if (word.starts_with('e') || word.starts_with('E')) {
    word.remove_prefix(1);
    if (word.starts_with('-') || word.starts_with('+')) word.remove_prefix(1);
    return !word.empty() && digits_of(word) == word;
  }
  return word.empty();
}

std::string shortened(std::string_view text) {
  constexpr std::size_t most = 30;
  if (text.size() <= most) return std::string(text);
  std::size_t cut = most;  // not within a character
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
  return std::string(text.substr(0, cut)) + "…";
}

// What a text begins with, for people.
std::string description_of(std::string_view text) {
  if (text.empty()) return "the end";
  const char c = text[0];
  if (c == '"') {
    const std::size_t end = std::min(text.find_first_of("\"\r\n", 1), text.size());
    return "the text " + shortened(text.substr(0, end + (end < text.size() && text[end] == '"' ? 1 : 0)));
  }
  if (is_digit(c) || c == '-') return "the number " + shortened(word_of(text));
  if (is_letter(c)) return "the word " + shortened(word_of(text));
  if (text.starts_with("\xef\xbb\xbf")) return "a byte order mark";
  if (static_cast<unsigned char>(c) < ' ') return "a control character";
  std::size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) ++size;
  return "'" + std::string(text.substr(0, size)) + "'";
}

class scanner {
 public:
  explicit scanner(std::string_view text) : text_(text) {}

  std::optional<json_trouble> scan() {
    while (!trouble_) {
      at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
      if (at_ == text_.size()) {
        if (next_ != expected::nothing) report_end();
        break;
      }
      step();
    }
    return trouble_;
  }

 private:
  enum class expected { value, value_or_close, key, key_or_close, colon, comma_or_close, nothing };

  std::string_view rest() const { return text_.substr(at_); }
  bool in_map() const { return text_[open_.back()] == '{'; }

  void step() {
    const char c = text_[at_];
    switch (next_) {
      case expected::value:
      case expected::value_or_close:
        if (c == ']' && next_ == expected::value_or_close) return close();
        return take_value();
      case expected::key:
      case expected::key_or_close:
        if (c == '}' && next_ == expected::key_or_close) return close();
        if (c != '"')
          return report(next_ == expected::key ? "a key in double quotes"
                                               : "a key in double quotes, or '}',");
        key_ = at_;
        take_text();
        next_ = expected::colon;
        return;
      case expected::colon:
        if (c != ':') return report("':' behind the key " + description_of(text_.substr(key_)).substr(9));
        next_ = expected::value;
        ++at_;
        return;
      case expected::comma_or_close:
        if (c == (in_map() ? '}' : ']')) return close();
        if (c == '}' || c == ']') return report_mismatch();
        if (c != ',') return report(in_map() ? "',' or '}'" : "',' or ']'");
        next_ = in_map() ? expected::key : expected::value;
        ++at_;
        return;
      case expected::nothing:
        return report("nothing more");
    }
  }

  void take_value() {
    const char c = text_[at_];
    if (c == '[' || c == '{') {
      open_.push_back(at_++);
      next_ = c == '[' ? expected::value_or_close : expected::key_or_close;
    } else if (c == '"') {
      take_text();
      next_ = behind_value();
    } else {
      take_word();
      next_ = behind_value();
    }
  }

  void take_word() {
    const std::string_view word = word_of(rest());
    if (word == "true" || word == "false" || word == "null" || is_number(word)) {
      at_ += word.size();
    } else if (!word.empty() && !is_letter(word[0])) {
      trouble_ = {at_, "found " + shortened(word) + ", which is no number: write it like 10, -2.5 or 1e3"};
    } else {
      report("a value");
    }
  }

  void take_text() {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != '"') {
      const char c = text_[at_];
      if (c == '\n' || c == '\r') break;
      if (static_cast<unsigned char>(c) < ' ') {
        trouble_ = {at_, "found a control character in a text; it is written with \\u and four digits"};
        return;
      }
      if (c == '\\' && !take_escape()) return;
      if (c != '\\') ++at_;
    }
    if (!data::is_utf8(text_.substr(begin, at_ - begin))) {
      trouble_ = {begin, "the text that begins here is no UTF-8: save the file in that encoding"};
    } else if (at_ < text_.size() && text_[at_] == '"') {
      ++at_;
    } else {
      trouble_ = {begin, "the text that begins here is not closed: '\"' is expected before the line ends"};
    }
  }

  bool take_escape() {
    const char c = at_ + 1 < text_.size() ? text_[at_ + 1] : ' ';
    if (c == 'u') {
      const std::string_view digits = text_.substr(at_ + 2, 4);
      if (digits.size() == 4 && std::ranges::all_of(digits, is_hex)) return at_ += 6, true;
      trouble_ = {at_, "found \\u in a text, four hexadecimal digits are expected behind it"};
      return false;
    }
    if (std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos) return at_ += 2, true;
    trouble_ = {at_, "found " + std::string(text_.substr(at_, c < ' ' ? 1 : 2)) +
                         " in a text; a backslash itself is written \\\\"};
    return false;
  }

  void close() {
    open_.pop_back();
    ++at_;
    next_ = behind_value();
  }

  expected behind_value() const { return open_.empty() ? expected::nothing : expected::comma_or_close; }

  std::string line_of(std::size_t position) const {
    return std::to_string(1 + std::ranges::count(text_.substr(0, position), '\n'));
  }

  void report(const std::string& wanted) {
    if (trouble_) return;
    std::string hint;
    if (text_[at_] == '\'' || is_letter(text_[at_])) hint = "; texts stand in double quotes";
    if (text_[at_] == '/') hint = "; comments begin with #";
    trouble_ = {at_, "found " + description_of(rest()) + ", " + wanted + " is expected" + hint};
  }

  void report_mismatch() {
    trouble_ = {at_, "found '" + std::string(1, text_[at_]) + "', but what is open is the '" +
                         text_[open_.back()] + "' of line " + line_of(open_.back())};
  }

  void report_end() {
    const std::string still_open = open_.empty()
                                       ? "a value is expected"
                                       : "and the '" + std::string(1, text_[open_.back()]) + "' of line " +
                                             line_of(open_.back()) + " is not closed";
    trouble_ = {at_, "found the end, " + still_open};
  }

  const std::string_view text_;
  std::size_t at_ = 0, key_ = 0;
  expected next_ = expected::value;
  std::vector<std::size_t> open_;  // positions of the open brackets
  std::optional<json_trouble> trouble_;
};

}  // namespace

std::optional<json_trouble> find_json_trouble(std::string_view json) { return scanner(json).scan(); }

}  // namespace aemp::api
