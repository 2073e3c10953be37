// The tool as a node of the network: anonymous, listening nowhere, connected to the seeds of its profile
// (`aemp`, or what --profile says) or of --seed. One session serves all commands of a line, one after the
// other.
//
// A command calls run(), whose function is called in a port of the node and begins what the command does; its
// callbacks run in that port, too, and in the end one of them calls end(). What belongs to the port
// (monitors, timers, calls) ends with the command. All on the calling thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <aemp/aemp.hpp>

#include "tool/context.hpp"

namespace aemp::tool {

class console;

class session {
 public:
  // Throws config_error, also where the node cannot be started.
  explicit session(context& all);
  // With the settings of any profile but its ID, places and services, which may be a node's that runs; and
  // with this seed only. For doctor.
  session(context& all, const std::string& profile, const std::string& seed);
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  context& all() noexcept { return *all_; }
  void serve(context& line) noexcept { all_ = &line; }  // whose commands come now
  node& me() noexcept { return *me_; }

  // Until end(); returns its status. When it returns, the port is dead, and nothing of the command happens
  // any more.
  int run(const std::function<void()>& begin);
  void end(int status);
  int fail(status with, const error& why);  // says it, and ends
  // Runs f in the command's port, if that has not ended; on the node's thread.
  void go_on(const std::function<void()>& f);

  // From now on a command that has not ended when --timeout is over ends with no_answer: "no answer from "
  // and this. Anew with each call.
  void expect(const std::string& answer_from);
  // The same, with the default only if --timeout was given: for commands that watch.
  void until_timeout(std::function<void()> then);
  void stop_waiting() { deadline_.cancel(); }

  // Warnings and errors of the node are for the person; the shell, and a picture, have another place for
  // them.
  void log_to_stderr();

  bool knows_seeds() const noexcept { return !seeds_.empty(); }
  // Calls f once a node is up; now, if one is.
  void when_up(std::function<void()> f);

  // Tells of what happens while no command waits for it; the shell sets it. For programs, and for people.
  std::function<void(const value&, const std::string&)> notice;
  bool screen_is_taken = false;  // by a command's picture: notices have to wait
  // At a terminal: whoever needs it first makes it.
  std::unique_ptr<console> keys;

  // What a command asked to stay is kept until somebody ends the tool, or --timeout is over.
  bool holds_something = false;
  void hold();

  // Sends words (the first one is the tag) with a port for the reply behind them. `failed`: why, as a monitor
  // says.
  aemp::call ask(const port_id& to, std::vector<value> words);
  // Asks a node whether it knows a request, without calling that: a Perl node of 2.x takes a function that
  // was once called for known from then on. Nothing from Perl nodes of 1.x, which do not know that question.
  // Never comes from a node that cannot be reached.
  void knows(const std::string& node, const std::string& function,
             std::function<void(std::optional<bool>)> f);
  // Whose node it is, by the requests that it knows; asked once for as long as the node is up.
  enum class maker { ours, perl_1, perl_2 };
  void who_made(const std::string& node, std::function<void(maker)> f);
  // Whether a node has a function for us. Perl nodes do not know that of functions that nobody has called
  // yet, so they are believed.
  void offers(const std::string& node, const std::string& function, std::function<void(bool)> f);
  // Once everything that was sent to a node so far has been handled there.
  void echo(const std::string& of, std::function<void()> f);

 private:
  void begin(config settings);

  context* all_;
  std::vector<std::string> seeds_;
  std::unique_ptr<node> me_;
  port_id stopper_;  // gets the status, behind all that the command has left
  port_id port_;
  timer deadline_;
  monitor ups_, losses_;
  std::map<std::string, maker> makers_;  // of nodes that are up
  bool over_ = true;
};

// A port ID from an argument; the name of a node stands for its node port. Throws usage_error.
port_id port_argument(const value& v);
std::string node_argument(const value& v);

// A reason as people read it: "normal end" where it is empty.
std::string reason_text(const message& reason);

}  // namespace aemp::tool
