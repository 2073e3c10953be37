// Lines as they are typed at a terminal, which is in the test's hand: keys come when the test says so, and what the
// editor has written is read from the other side.
#include "tool/terminal/line_editor.hpp"

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "api/scratch_home_test.hpp"

namespace aemp::tool {
namespace {

using input = line_editor::input;
using words = std::vector<candidate>;
using line = std::optional<std::string>;

class pseudo_terminal {
 public:
  pseudo_terminal() : near_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    if (near_ < 0 || ::grantpt(near_) != 0 || ::unlockpt(near_) != 0) throw std::runtime_error("no terminal");
    far_ = ::open(::ptsname(near_), O_RDWR | O_NOCTTY);
    termios bare{};
    ::tcgetattr(far_, &bare);
    ::cfmakeraw(&bare);
    ::tcsetattr(far_, TCSANOW, &bare);
    resize(80);
  }
  pseudo_terminal(const pseudo_terminal&) = delete;
  pseudo_terminal& operator=(const pseudo_terminal&) = delete;
  ~pseudo_terminal() {
    ::close(far_);
    hang_up();
  }

  void resize(unsigned short columns) {
    const winsize size{24, columns, 0, 0};
    ::ioctl(near_, TIOCSWINSZ, &size);
  }
  void type(const std::string& keys) {
    if (::write(near_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size()))
      throw std::runtime_error("full");
  }
  void hang_up() {
    if (near_ >= 0) ::close(std::exchange(near_, -1));
  }
  // What was written since this was last asked; lines end as the program ends them.
  std::string written() {
    constexpr char mark = 1;  // comes behind everything else
    std::string all;
    if (near_ < 0 || ::write(far_, &mark, 1) != 1) return all;
    for (char byte = 0; is_readable(near_) && ::read(near_, &byte, 1) == 1 && byte != mark;) {
      if (byte == '\n' && all.ends_with('\r')) all.pop_back();
      all += byte;
    }
    return all;
  }
  // Keys take a moment from one side to the other.
  static bool is_readable(int file) {
    pollfd in{file, POLLIN, 0};
    return ::poll(&in, 1, 10'000) == 1;
  }

  // While it lives, this terminal is standard input and output, where the failures of tests would not be seen.
  class use {
   public:
    explicit use(const pseudo_terminal& t) {
      std::fflush(stdout);
      for (int i = 0; i < 2; ++i) {
        before_[i] = ::dup(i);
        ::dup2(t.far_, i);
      }
    }
    use(const use&) = delete;
    use& operator=(const use&) = delete;
    ~use() {
      std::fflush(stdout);
      for (int i = 0; i < 2; ++i) {
        ::dup2(before_[i], i);
        ::close(before_[i]);
      }
    }

   private:
    int before_[2];
  };

 private:
  int near_, far_ = -1;
};

// What happens while the editor waits: keys come, something else is done, or the line is over.
struct step {
  step(const char* keys) : keys(keys) {}
  step(std::string keys) : keys(std::move(keys)) {}
  step(input what) : what(what) {}
  step(std::function<void()> act) : act(std::move(act)) {}

  std::string keys = {};
  input what = input::ready;
  std::function<void()> act = {};
};

class a_line : public testing::Test {
 protected:
  a_line() {
    set("TERM", "xterm");
    set("LC_ALL", "C.UTF-8");
    set("EDITRC", (home.path() + "/.editrc").c_str());
  }
  ~a_line() override {
    close();
    std::setlocale(LC_CTYPE, "C");
    for (const auto& [name, value] : before)
      value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
  }

  void set(const char* name, const char* value) {
    const char* const old = std::getenv(name);
    before.emplace(name, old == nullptr ? line() : line(old));
    ::setenv(name, value, 1);
  }
  // What read() returns after these steps. The editor is made when it is first used.
  line read(std::deque<step> then) {
    const pseudo_terminal::use here(terminal);
    steps = std::move(then);
    const auto complete = [this](const std::string& text) { return asked.push_back(text), choices; };
    if (!editor) editor.emplace("> ", history, line_editor::helpers{[this] { return wait(); }, complete});
    return editor->read();
  }
  // What the editor writes in one of the steps.
  template <class F>
  step note(F f) {
    return std::function<void()>([this, f] {
      terminal.written();
      f();
      std::fflush(stdout);
      noted = terminal.written();
    });
  }
  void close() {
    const pseudo_terminal::use here(terminal);
    editor.reset();
  }

  input wait() {
    if (typed == 0 && steps.empty()) return input::over;
    if (typed == 0) {
      const step now = std::move(steps.front());
      steps.pop_front();
      if (now.act) now.act();
      if (now.keys.empty()) return now.what;
      terminal.type(now.keys);
      typed = now.keys.size();
    }
    --typed;  // the editor takes one at a time
    return pseudo_terminal::is_readable(STDIN_FILENO) ? input::ready : input::over;
  }

  api::testing::scratch_home home;
  std::map<std::string, line> before;
  pseudo_terminal terminal;
  std::string history = home.path() + "/history";
  std::deque<step> steps;
  std::size_t typed = 0;  // not taken by the editor yet
  line_editor::choices choices;
  std::vector<std::string> asked;
  std::string noted;
  std::optional<line_editor> editor;
};

const char *const up = "\033[A", *const down = "\033[B", *const left = "\033[D";

// ---- keys ----

TEST_F(a_line, comes_without_its_end) {
  EXPECT_EQ("nodes", read({"nodes\n"}));
  EXPECT_EQ("ping seed", read({"ping seed\r"}));
  EXPECT_EQ("", read({"\n"}));
}

TEST_F(a_line, is_edited_with_the_keys_of_emacs) {
  EXPECT_EQ("abc", read({"bc", "\001", "a\n"}));
  EXPECT_EQ("abcd", read({"bc", "\001", "a", "\005", "d\n"}));
  EXPECT_EQ("axbc", read({"abc", left, left, "x\n"}));
  EXPECT_EQ("ac", read({"abc", left, "\177", "\n"}));
}

TEST_F(a_line, is_edited_with_the_keys_that_a_file_says_except_that_tab_completes) {
  home.write(".editrc", "bind ^T ed-move-to-beg\nbind ^I ed-move-to-beg\n");
  choices = {{{"abc"}}, 3};
  EXPECT_EQ("abc ", read({"bc", "\024", "a", "\005\t", "\n"}));
  EXPECT_EQ(std::vector<std::string>{"abc"}, asked);
}

TEST_F(a_line, has_keys_that_come_late) { EXPECT_EQ("ab", read({"a", input::ready, input::ready, "b\n"})); }

// ---- characters ----

TEST_F(a_line, has_characters_of_several_bytes) {
  EXPECT_EQ("é€😀", read({"é€😀\n"}));
  EXPECT_EQ("aé", read({"aé€", "\177", "\n"}));
}

TEST_F(a_line, has_them_whatever_the_environment_says) {
  for (const char* locale : {"C", "nowhere"}) {
    close();
    set("LC_ALL", locale);
    EXPECT_EQ("é€", read({"é€\n"})) << locale;
  }
}

TEST_F(a_line, leaves_out_bytes_that_are_no_character) {
  EXPECT_EQ("abé", read({"a\377b\200é\n"}));
  EXPECT_EQ("ab", read({"a\303b\n"})) << "and nothing else";
  EXPECT_EQ("a", read({"a\303\n"}));
}

// ---- how it ends ----

TEST_F(a_line, that_is_abandoned_is_empty_and_the_next_one_begins_anew) {
  EXPECT_EQ("", read({"abc", input::abandoned}));
  EXPECT_TRUE(terminal.written().ends_with("> abc^C\n"));
  EXPECT_EQ("de", read({"de\n"}));
}

TEST_F(a_line, is_nothing_at_the_end_of_all_input) {
  EXPECT_EQ(line(), read({"\004"}));
  EXPECT_EQ(line(), read({"abc", input::over})) << "nobody has entered that";
  EXPECT_TRUE(terminal.written().ends_with("> abc\n"));
  EXPECT_EQ("de", read({"de\n"}));
}

TEST_F(a_line, is_nothing_when_the_terminal_is_gone) {
  const step hang_up = std::function<void()>([this] { terminal.hang_up(); });
  EXPECT_EQ(line(), read({hang_up, "abc"}));
  EXPECT_EQ(1u, steps.size()) << "no key is waited for any more";
}

// ---- history ----

TEST_F(a_line, may_be_one_of_those_before) {
  read({"nodes\n"});
  read({"ping seed\n"});
  EXPECT_EQ("ping seed", read({up, "\n"}));
  EXPECT_EQ("nodes!", read({up, up, "!\n"}));
  EXPECT_EQ("nodes!", read({"ty", up, up, down, "\n"}));
}

TEST_F(a_line, is_none_of_those_before_that_are_not_kept) {
  read({"nodes\n"});
  read({"nodes\n"});
  read({" blank\n"});
  read({"setsecret x\n"});
  read({"\n"});
  EXPECT_EQ("nodes", read({up, up, "\n"})) << "there is one only";
}

TEST_F(a_line, may_be_one_of_a_former_shell) {
  home.write("history", "nodes\nping seed\n");
  EXPECT_EQ("ping seed", read({up, "\n"}));
  EXPECT_EQ("nodes", read({up, up, "\n"}));
  close();
  EXPECT_EQ("nodes", read({up, "\n"}));
}

TEST_F(a_line, is_searched_for_among_those_before) {
  home.write("history", "ping seed\nports worker\nnodes\n");
  EXPECT_EQ("ping seed", read({"\022", "see", "\n"}));
}

// ---- completion ----

TEST_F(a_line, is_completed_where_the_cursor_is) {
  choices = {{{"ping"}}, 2};
  EXPECT_EQ("ping  seed", read({"pi seed", left, left, left, left, left, "\t", "\n"}));
  EXPECT_EQ(std::vector<std::string>{"pi"}, asked);
  EXPECT_EQ("aping b", read({"api", "\t", "b\n"}));
}

TEST_F(a_line, goes_on_at_once_behind_what_is_only_the_beginning_of_a_word) {
  choices = {{{"worker#"}}, 3};
  EXPECT_EQ("snd worker#x", read({"snd wor", "\t", "x\n"}));
  choices = {{{"/etc/"}}, 2};
  EXPECT_EQ("/etc/x", read({"/e", "\t", "x\n"}));
  choices = {{{"nodes"}}, 5};
  EXPECT_EQ("nodes x", read({"nodes", "\t", "x\n"})) << "a whole word is done";
}

TEST_F(a_line, gets_what_all_words_have_in_common_and_then_shows_them) {
  choices = {{{"ping", "round trips"}, {"ports", "of a node"}, {"portsx"}}, 0};
  EXPECT_EQ("p", read({"\t", "\n"}));
  EXPECT_EQ(std::string::npos, terminal.written().find("round trips"));
  choices.typed = 1;
  EXPECT_EQ("p.", read({"p", "\t", ".\n"}));
  const std::string shown = terminal.written();
  EXPECT_NE(std::string::npos, shown.find("\r\033[Jping    round trips\nports   of a node\nportsx\n"))
      << shown;
  EXPECT_NE(std::string::npos, shown.find("> p", shown.find("portsx"))) << "the line is there again";
}

TEST_F(a_line, beeps_when_there_is_no_word) {
  EXPECT_EQ("xyz", read({"xy", "\t", "z\n"}));
  EXPECT_NE(std::string::npos, terminal.written().find('\a'));
}

// The words a0, a1... with a meaning that is not shown when they are many.
words many(int n) {
  words all;
  for (int i = 0; i < n; ++i) all.push_back({"a" + std::to_string(i), "meaning"});
  return all;
}

TEST_F(a_line, shows_words_side_by_side_when_they_are_many) {
  terminal.resize(20);
  choices = {many(20), 1};
  read({"a", "\t", "\n"});
  EXPECT_NE(std::string::npos, terminal.written().find("a19  meaning\n"));
  choices = {many(21), 1};
  read({"a", "\t", "\n"});
  const std::string shown = terminal.written();
  EXPECT_EQ(std::string::npos, shown.find("meaning"));
  EXPECT_NE(std::string::npos, shown.find("a0   a1   a2   a3\na4   a5   a6   a7\n")) << shown;
  EXPECT_NE(std::string::npos, shown.find("\na20")) << shown;
}

TEST_F(a_line, shows_words_one_below_the_other_when_they_are_wider_than_the_terminal) {
  terminal.resize(10);
  choices = {many(21), 1};
  for (candidate& c : choices.words) c.word += "-of-a-node";
  read({"a", "\t", "\n"});
  EXPECT_NE(std::string::npos, terminal.written().find("a0-of-a-node\na1-of-a-node\na2-of-a-node\n"));
}

TEST_F(a_line, shows_two_hundred_words_and_how_many_are_left) {
  choices = {many(200), 1};
  read({"a", "\t", "\n"});
  EXPECT_EQ(std::string::npos, terminal.written().find("more"));
  choices = {many(203), 1};
  read({"a", "\t", "\n"});
  const std::string shown = terminal.written();
  EXPECT_NE(std::string::npos, shown.find("a199"));
  EXPECT_EQ(std::string::npos, shown.find("a200"));
  EXPECT_NE(std::string::npos, shown.find("\nand 3 more\n")) << shown;
}

// ---- what arrives meanwhile ----

TEST_F(a_line, stays_below_what_is_shown_meanwhile) {
  const step shows = note([this] { editor->show("news"); });
  EXPECT_EQ("abc", read({"ac", left, shows, "b\n"}));
  EXPECT_TRUE(noted.starts_with("\r\033[Jnews\n")) << noted;
  EXPECT_NE(std::string::npos, noted.find("> ac", 9));
}

TEST_F(a_line, is_erased_from_where_it_begins_however_many_rows_it_has) {
  terminal.resize(20);
  const step shows = note([this] { editor->show("news"); });
  const auto moves = [&](const std::string& keys) {
    read({keys, shows, "\n"});
    return noted.substr(0, noted.find("news"));
  };
  EXPECT_EQ("\r\033[J", moves(std::string(17, 'x')));
  EXPECT_EQ("\r\033[A\033[J", moves(std::string(18, 'x')));
  EXPECT_EQ("\r\033[A\033[A\033[J", moves(std::string(50, 'x')));
  EXPECT_EQ("\r\033[J", moves(std::string(50, 'x') + "\001")) << "it is the cursor that counts";
  EXPECT_EQ("\r\033[J", moves("日日日日日日日日"));
  EXPECT_EQ("\r\033[A\033[J", moves("日日日日日日日日日日"));
}

TEST_F(a_line, is_not_erased_before_it_has_begun) {
  read({"\n"});
  const pseudo_terminal::use here(terminal);
  note([this] { editor->show("news"); }).act();
  EXPECT_EQ("news\n", noted);
  note([this] { editor->resized(); }).act();
  EXPECT_EQ("", noted);
}

TEST_F(a_line, is_drawn_anew_when_the_window_has_changed) {
  const step shrinks = note([this] {
    terminal.resize(20);
    editor->resized();
  });
  EXPECT_EQ(std::string(30, 'x') + "y", read({std::string(30, 'x'), shrinks, "y\n"}));
  EXPECT_TRUE(noted.starts_with("\r\033[A\033[J")) << noted;
  EXPECT_NE(std::string::npos, noted.find("> " + std::string(18, 'x'))) << noted;
  EXPECT_EQ(std::string::npos, noted.find(std::string(19, 'x'))) << "a row has twenty columns: " << noted;
}

}  // namespace
}  // namespace aemp::tool
