#include "tool/terminal/words.hpp"

namespace aemp::tool {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool goes_on_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':'; }

class splitter {
 public:
  splitter(std::string_view line, std::string_view me) : line_(line), me_(me) {}

  result<std::vector<std::string>> split() {
    std::vector<std::string> words;
    for (;;) {
      while (!at_end() && is_blank(line_[at_])) ++at_;
      if (at_end() || (words.empty() && line_[at_] == '#')) return words;
      word_.clear();
      if (auto good = take_word(); !good) return good.error();
      words.push_back(word_);
    }
  }

 private:
  bool at_end() const { return at_ == line_.size(); }

  result<void> take_word() {
    const char first = line_[at_];
    if (first == '[' || first == '{' || first == '"') {
      if (auto good = take_json(); !good) return good;
    }
    while (!at_end() && !is_blank(line_[at_])) {
      const char c = line_[at_];
      if (c == '\'' || c == '"') {
        if (auto good = take_quoted(c); !good) return good;
      } else {
        if (c == '\\' && at_ + 1 < line_.size()) ++at_;
        take_one(c != '\\');
      }
    }
    return {};
  }

  // Takes JSON as it is, quotes included.
  result<void> take_json() {
    const std::size_t begin = at_;
    std::size_t depth = 0;
    bool in_text = false;
    do {
      if (at_end())
        return error{"unfinished_json", "the line ends within " + std::string(line_.substr(begin)) +
                                            "; a text that begins so is written within '…'"};
      const char c = line_[at_];
      if (in_text && c == '\\' && at_ + 1 < line_.size()) {
        word_ += line_[at_++];
      } else if (c == '"') {
        in_text = !in_text;
      } else if (!in_text) {
        if (c == '[' || c == '{') ++depth;
        if (c == ']' || c == '}') --depth;
      }
      take_one(true);
    } while (in_text || depth > 0);
    return {};
  }

  result<void> take_quoted(char quote) {
    const std::size_t begin = at_++;
    while (!at_end() && line_[at_] != quote) {
      const bool taken_away = quote == '"' && line_[at_] == '\\' && at_ + 1 < line_.size() &&
                              (line_[at_ + 1] == '"' || line_[at_ + 1] == '\\');
      if (taken_away) ++at_;
      take_one(quote == '"' && !taken_away);
    }
    if (at_end())
      return error{"unfinished_quote", "the line ends within " + std::string(line_.substr(begin))};
    ++at_;
    return {};
  }

  void take_one(bool replace) {
    if (replace && line_.substr(at_, 3) == "$me" &&
        (at_ + 3 == line_.size() || !goes_on_name(line_[at_ + 3]))) {
      word_ += me_;
      at_ += 3;
    } else {
      word_ += line_[at_++];
    }
  }

  const std::string_view line_, me_;
  std::size_t at_ = 0;
  std::string word_;
};

}  // namespace

result<std::vector<std::string>> split_words(std::string_view line, std::string_view me) {
  return splitter(line, me).split();
}

}  // namespace aemp::tool
