// A nats-server of one's own, as the third process of a benchmark: on a port of 127.0.0.1 that it finds
// itself, and killed at the end. It is forked before any thread exists.
#pragma once

#include <fcntl.h>

#include <string>

#include "bench/partner.hpp"

namespace bench {

class nats_server {
 public:
  nats_server() {
    int ends[2];
    if (pipe(ends) != 0) fail("pipe");
    process_ = fork();
    if (process_ < 0) fail("fork");
    if (process_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      dup2(ends[1], STDERR_FILENO);
      close(ends[0]);
      close(ends[1]);
      execlp("nats-server", "nats-server", "-a", "127.0.0.1", "-p", "-1", static_cast<char*>(nullptr));
      _exit(127);
    }
    close(ends[1]);
    log_ = ends[0];
    // It tells its port in its log, and after that when it is ready.
    std::string line;
    for (char c = 0; read(log_, &c, 1) == 1;) {
      if (c != '\n') {
        line += c;
        continue;
      }
      const std::size_t at = line.find("127.0.0.1:");
      if (at != std::string::npos) url_ = "nats://" + line.substr(at);
      if (line.find("Server is ready") != std::string::npos) return;
      line.clear();
    }
    std::fprintf(stderr, "nats-server did not start: %s\n", line.c_str());
    std::exit(1);
  }
  nats_server(const nats_server&) = delete;
  nats_server& operator=(const nats_server&) = delete;
  ~nats_server() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    close(log_);
  }

  const std::string& url() const { return url_; }
  pid_t process() const { return process_; }

 private:
  pid_t process_ = 0;
  int log_ = -1;  // open as long as the server lives, or it could not write
  std::string url_;
};

}  // namespace bench
