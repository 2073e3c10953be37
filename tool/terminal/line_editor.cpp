#include "tool/terminal/line_editor.hpp"

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <cwchar>

#include "tool/terminal/console.hpp"
#include "tool/terminal/table.hpp"

namespace aemp::tool {
namespace {

constexpr std::size_t most_with_meaning = 20, most_words = 200;

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void use_utf8() {
  if (std::setlocale(LC_CTYPE, "") == nullptr || MB_CUR_MAX == 1) std::setlocale(LC_CTYPE, "C.UTF-8");
}

std::string common_beginning(const std::vector<candidate>& words) {
  std::string common = words[0].word;
  for (const candidate& c : words) {
    const auto [end, other] = std::ranges::mismatch(common, c.word);
    common.erase(end, common.end());
  }
  return common;
}

std::string list_of(const std::vector<candidate>& words) {
  std::vector<std::vector<std::string>> rows;
  if (words.size() <= most_with_meaning) {
    for (const candidate& c : words) rows.push_back({c.word, c.meaning});
    return table(rows);
  }
  std::size_t widest = 0;
  for (const candidate& c : words) widest = std::max(widest, c.word.size());
  const std::size_t columns = std::max<std::size_t>(1, size_of_terminal().columns / (widest + 2));
  const std::size_t shown = std::min(words.size(), most_words);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i % columns == 0) rows.emplace_back();
    rows.back().push_back(words[i].word);
  }
  rows.back().resize(rows[0].size());
  return table(rows) +
         (shown < words.size() ? "\nand " + std::to_string(words.size() - shown) + " more" : "");
}

}  // namespace

line_editor::line_editor(std::string prompt, std::string history_path, helpers help)
    : prompt_(std::move(prompt)), help_(std::move(help)), kept_(std::move(history_path)) {
  use_utf8();
  edit_ = el_init("aemp", stdin, stdout, stderr);
  el_set(edit_, EL_SETTY, "-x", "-echo", "-icanon", nullptr);  // between lines, too: raw_keys is in force
  history_ = history_init();
  HistEvent event;
  history(history_, &event, H_SETSIZE, 1000);
  for (const std::string& line : kept_.lines()) history(history_, &event, H_ENTER, line.c_str());
  el_set(edit_, EL_CLIENTDATA, this);
  el_set(
      edit_, EL_PROMPT, +[](EditLine* edit) { return const_cast<char*>(of(edit).prompt_.c_str()); });
  el_set(edit_, EL_EDITOR, "emacs");
  el_set(edit_, EL_HIST, ::history, history_);
  el_set(edit_, EL_GETCFN, &read_key);
  el_set(edit_, EL_ADDFN, "aemp-complete", "complete the word", &complete);
  el_set(edit_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_source(edit_, nullptr);
  el_set(edit_, EL_BIND, "^I", "aemp-complete", nullptr);  // el_source may have chosen other keys
}

line_editor::~line_editor() {
  el_end(edit_);
  history_end(history_);
}

line_editor& line_editor::of(EditLine* edit) {
  void* self = nullptr;
  el_get(edit, EL_CLIENTDATA, &self);
  return *static_cast<line_editor*>(self);
}

std::optional<std::string> line_editor::read() {
  last_ = input::ready;
  reading_ = true;
  int size = 0;
  const char* const text = el_gets(edit_, &size);
  reading_ = false;
  if (last_ == input::abandoned) return std::string();
  if (text == nullptr || size <= 0) {
    print("\n");
    return {};
  }
  std::string line(text, static_cast<std::size_t>(size));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  if (kept_.add(line)) {
    HistEvent event;
    history(history_, &event, H_ENTER, line.c_str());
  }
  return line;
}

int line_editor::read_key(EditLine* edit, wchar_t* key) { return of(edit).next_key(*key); }

int line_editor::next_key(wchar_t& key) {
  std::mbstate_t state{};
  for (;;) {
    last_ = help_.wait();
    if (last_ == input::abandoned) {
      print("^C\n");
      errno = EINTR;
      return -1;
    }
    if (last_ == input::over) return 0;
    if (!input_is_there()) continue;
    char byte = 0;
    const auto size = read_input({&byte, 1});
    if (!size) continue;
    if (*size == 0) return 0;
    std::size_t used = std::mbrtowc(&key, &byte, 1, &state);
    if (used == static_cast<std::size_t>(-1)) {  // what came before was no character, but this may begin one
      state = {};
      used = std::mbrtowc(&key, &byte, 1, &state);
    }
    if (used == static_cast<std::size_t>(-2)) continue;  // the character is not complete
    if (used != static_cast<std::size_t>(-1)) return 1;
    state = {};
  }
}

unsigned char line_editor::complete(EditLine* edit, int) { return of(edit).complete_word(); }

unsigned char line_editor::complete_word() {
  const LineInfo* const at = el_line(edit_);
  const choices found = help_.complete({at->buffer, at->cursor});
  if (found.words.empty()) return CC_REFRESH_BEEP;
  std::string more = common_beginning(found.words).substr(found.typed);
  const bool one = found.words.size() == 1;
  if (one && !found.words[0].word.ends_with('/') && !found.words[0].word.ends_with('#')) more += ' ';
  if (!more.empty()) {
    el_insertstr(edit_, more.c_str());
    return CC_REFRESH;
  }
  if (!one) show(list_of(found.words));
  return CC_NORM;
}

void line_editor::show(const std::string& text) {
  if (reading_) erase();
  print(text + "\n");
  if (reading_) el_set(edit_, EL_REFRESH);
}

void line_editor::erase() const {
  const LineInfoW* const line = el_wline(edit_);
  std::size_t cells = prompt_.size();
  for (const wchar_t* c = line->buffer; c != line->cursor; ++c)
    cells += static_cast<std::size_t>(std::max(0, ::wcwidth(*c)));
  std::string moves = "\r";
  for (std::size_t row = cells / size_of_terminal().columns; row > 0; --row) moves += "\033[A";
  print(moves + "\033[J");
}

void line_editor::resized() {
  if (reading_) erase();
  el_resize(edit_);
  if (reading_) el_set(edit_, EL_REFRESH);
}

void line_editor::suspend(raw_keys& keys) {
  el_set(edit_, EL_PREP_TERM, 0);
  print("\n");
  keys.suspend();
  el_set(edit_, EL_PREP_TERM, 1);
  el_resize(edit_);
  el_set(edit_, EL_REFRESH);
}

}  // namespace aemp::tool
