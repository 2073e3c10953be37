// A line that a person types at a terminal, with libedit: editing, history, completion. What is shown
// meanwhile stands above the line, which is drawn anew below it.
//
// All on one thread, with raw_keys in force (console.hpp). While read() waits for a key it calls the function
// that it was given, in which show(), and resized() may be called.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <histedit.h>

#include "tool/terminal/completion.hpp"
#include "tool/terminal/console.hpp"
#include "tool/terminal/line_history.hpp"

namespace aemp::tool {

class line_editor {
 public:
  enum class input { ready, abandoned, over };
  // The words that could stand where the text before the cursor ends, and how much of them is there already.
  struct choices {
    std::vector<candidate> words = {};
    std::size_t typed = 0;
  };

  struct helpers {
    std::function<input()> wait;  // until there is a key, or the line is not wanted any more
    std::function<choices(const std::string& before_cursor)> complete;
  };

  line_editor(std::string prompt, std::string history_path, helpers help);
  ~line_editor();
  line_editor(const line_editor&) = delete;
  line_editor& operator=(const line_editor&) = delete;

  // The next line, without its end; empty text when it was abandoned, nothing at the end of all input.
  std::optional<std::string> read();

  void show(const std::string& text);
  void resized();
  void suspend(raw_keys& keys);  // the process; when it goes on, the line is there again

 private:
  static int read_key(EditLine* edit, wchar_t* key);
  static unsigned char complete(EditLine* edit, int key);
  static line_editor& of(EditLine* edit);

  int next_key(wchar_t& key);
  unsigned char complete_word();
  void erase() const;  // cursor to where the prompt began, and nothing behind it

  const std::string prompt_;
  const helpers help_;
  line_history kept_;
  EditLine* edit_;
  History* history_;
  bool reading_ = false;
  input last_ = input::ready;
};

}  // namespace aemp::tool
