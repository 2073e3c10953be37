// The second process of a benchmark that needs two. It is forked before anything else exists, runs one
// function, tells the first process in one line where it can be reached, and is killed when the first is
// through.
#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "bench/stopwatch.hpp"

namespace bench {

class partner {
 public:
  // f(say): runs in the new process, where say(text) is to be called once.
  template <class F>
  explicit partner(F f) {
    int ends[2];
    if (pipe(ends) != 0) fail("pipe");
    process_ = fork();
    if (process_ < 0) fail("fork");
    if (process_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);  // a first process that failed leaves nothing behind
      close(ends[0]);
      f([out = ends[1]](std::string text) {
        text += '\n';
        if (write(out, text.data(), text.size()) < 0) fail("write");
      });
      _exit(0);
    }
    close(ends[1]);
    for (char c = 0; read(ends[0], &c, 1) == 1 && c != '\n';) said_ += c;
    close(ends[0]);
  }
  partner(const partner&) = delete;
  partner& operator=(const partner&) = delete;
  ~partner() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

  pid_t process() const { return process_; }
  const std::string& said() const { return said_; }

 private:
  pid_t process_ = 0;
  std::string said_;
};

}  // namespace bench
