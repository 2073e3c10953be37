#include "tool/terminal/shell.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "data/printable.hpp"
#include "tool/network/session.hpp"
#include "tool/terminal/console.hpp"
#include "tool/terminal/line_editor.hpp"
#include "tool/terminal/top.hpp"
#include "tool/terminal/words.hpp"

namespace aemp::tool {
namespace {

using input = line_editor::input;

// Refuses what means nothing in the shell or would make it useless. doctor has nodes of its own.
std::optional<error> misplaced(const command_line& line) {
  if (line.has("--help")) return {};
  for (const step& s : line.steps) {
    if (s.what->name == "run" || s.what->name == "shell")
      return error{"not_in_shell",
                   "'" + s.what->name + "' needs a process of its own; type it outside the shell"};
    if ((line.has("--seed") || line.has("--profile")) && s.what->name != "doctor")
      return error{"not_in_shell",
                   "the shell stays the node that it is; --seed and --profile belong behind 'aemp shell'"};
  }
  return {};
}

class shell_run {
 public:
  shell_run(context& all, bool at_terminal) : all_(all), s_(all.network()) {
    s_.notice = [this](const value& json, const std::string& text) {
      show(all_.json() ? json.to_json() : text);
    };
    if (s_.keys == nullptr) s_.keys = std::make_unique<console>(s_.me(), at_terminal);
    s_.keys->tell = [this](happening what) { told(what); };
    me_ = s_.me().rcv(*port_id::parse(s_.me().id() + "#shell"), [this](const message& m) {
      std::string text = "$me:";
      for (const value& v : m.elements()) text += " " + v.to_json();
      s_.notice(value(value::map{{"port", me_.str()}, {"message", value(m.elements())}}), text);
    });
    if (!at_terminal) return;
    keys_.emplace();
    editor_.emplace("aemp> ", line_history::usual_path(),
                    line_editor::helpers{[this] { return wait(); },
                                         [this](const std::string& text) { return complete(text); }});
    if (!all_.json()) {
      show("This is node " + s_.me().id() + "; its port " + me_.str() +
           " is $me. help says what there is, Ctrl-D ends it.");
    }
  }
  ~shell_run() {
    s_.keys->tell = {};
    s_.notice = {};
    s_.me().kil(me_);
    s_.log_to_stderr();
  }

  int run() {
    int last_failure = done;
    while (!leaving_) {
      const auto line = editor_ ? editor_->read() : plain_line();
      if (!line) break;
      if (const int status = run_line(*line); status != done) last_failure = status;
    }
    return editor_ ? int(done) : last_failure;
  }

 private:
  // All of this runs on the node's thread.
  void told(happening what) {
    switch (what) {
      case happening::input:
        if (waiting_) s_.end(done);
        break;
      case happening::interrupt:
        got_ = input::abandoned;
        if (!waiting_) std::cout << std::endl;
        s_.end(failed);
        break;
      case happening::ending:
        got_ = input::over;
        leaving_ = true;
        s_.end(done);
        break;
      case happening::resized:
        if (editor_) editor_->resized();
        break;
      case happening::suspension:
        if (waiting_) {
          editor_->suspend(*keys_);
        } else {
          keys_->suspend();
        }
        break;
    }
  }

  input wait() {
    got_ = leaving_ ? input::over : input::ready;
    if (leaving_) return got_;
    log_here();
    if (!held_.empty()) show(std::exchange(held_, {}));
    waiting_ = true;
    (void)s_.run([this] { s_.keys->want_input(); });
    waiting_ = false;
    return got_;
  }

  std::optional<std::string> plain_line() {
    for (;;) {
      if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
        std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return line;
      }
      if (!input_is_there()) {
        if (wait() == input::over) return {};
        continue;
      }
      char bytes[4096];
      const auto size = read_input(bytes);
      if (!size) continue;
      if (*size > 0) {
        buffer_.append(bytes, *size);
      } else if (buffer_.empty()) {
        return {};
      } else {
        buffer_ += '\n';  // the last line may end without it
      }
    }
  }

  int run_line(const std::string& text) {
    const auto words = split_words(text, me_.str());
    if (!words) return all_.fail(misused, words.error());
    if (words->empty()) return done;
    auto line = read_command_line(*words);
    if (!line) return all_.fail(misused, line.error());
    if (const auto why = misplaced(*line)) return all_.fail(misused, *why);
    context here(std::move(*line), s_);
    const int status = tool::run(here);
    leaving_ = leaving_ || here.leaving;
    return status;
  }

  line_editor::choices complete(const std::string& text) {
    auto words = split_words(text, "$me");
    if (!words) return {};
    if (words->empty() || text.back() == ' ') words->emplace_back();
    context here({}, s_);
    return {candidates(here, *words), words->back().size()};
  }

  void show(const std::string& text) {
    if (s_.screen_is_taken) {
      held_ += (held_.empty() ? "" : "\n") + text;
    } else if (editor_) {
      editor_->show(text);
    } else {
      std::cout << text << std::endl;
    }
  }

  // A session that a command makes for itself removes the log sink when it ends.
  void log_here() {
    const char* const wanted = std::getenv("AEMP_WARNLEVEL");
    set_log_sink([this, most = wanted == nullptr ? 2 : std::atoi(wanted)](int level, std::string_view text) {
      if (level <= most && !all_.json()) show("aemp: log: " + data::printable(text));
    });
  }

  context& all_;
  session& s_;
  port_id me_;
  std::optional<raw_keys> keys_;  // always: what is typed while a command runs is not shown by the terminal
  std::optional<line_editor> editor_;
  std::string buffer_;  // read, not yet a line
  std::string held_;    // to be shown once there is room for it
  bool waiting_ = false, leaving_ = false;
  input got_ = input::ready;
};

int leave(context& all, const std::vector<value>&) {
  if (!all.in_shell())
    throw usage_error{{"only_in_shell", "'quit' leaves the shell, and there is none: aemp shell starts one"}};
  all.leaving = true;
  return done;
}

}  // namespace

int shell(context& all) {
  const bool at_terminal = console::is_terminal();
  if (at_terminal) {
    console::block_signals();
    const signals_at_start impatient;
    (void)all.network();
  }
  return shell_run(all, at_terminal).run();
}

section shell_section() {
  return {
      "At the terminal",
      {{"shell",
        {},
        "",
        "type commands one after the other, as one node; see what arrives",
        "Commands are as on the command line, without aemp; JSON needs no quotes. TAB completes commands, "
        "nodes, ports and groups; lines are kept for the next shell, but not those that begin with a blank "
        "or have a secret in them. $me is a port of the shell: what is sent there is shown. mon goes on in "
        "the background. Ctrl-C ends a command that runs, quit or Ctrl-D the shell. Without a terminal it "
        "reads commands, and ends with the status of the last one that failed.",
        "shell --seed 10.0.0.1:4040",
        network_options(),
        [](context& all, const std::vector<value>&) { return shell(all); }},
       {"quit", {"exit"}, "", "leave the shell", {}, "quit", {}, leave, false},
       top_command()}};
}

}  // namespace aemp::tool
