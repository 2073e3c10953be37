// For the tests of the session: an owner that does what a connection would do.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/session.hpp"

namespace aemp::wire::testing {

// A session with its owner: collects what is written and what happened, says tls_ready as soon as it is asked
// to.
struct side {
  explicit side(session_config config) : s(std::move(config)) { written += s.take_output(); }

  // Feeds the bytes in slices of that size; what is behind ready stays in `packets`.
  void feed(std::string_view bytes, std::size_t slice = std::string_view::npos) {
    for (std::size_t i = 0; i < bytes.size(); i += std::min(slice, bytes.size())) {
      std::string_view in = bytes.substr(i, slice);
      while (!drive(in)) {
      }
      packets += in;
    }
  }

  // One step; true when nothing more happens.
  bool drive(std::string_view& in) {
    const session_step step = s.feed(in);
    in.remove_prefix(step.consumed);
    written += s.take_output();
    if (step.event == session_event::none || last() == session_event::failed) return true;
    events.push_back(step.event);
    if (step.event == session_event::peer_named && hold) s.hold_auth();
    if (step.event == session_event::start_tls_client || step.event == session_event::start_tls_server) {
      written_before_tls = written;
      s.tls_ready();
    }
    return false;
  }

  session_event last() const { return events.empty() ? session_event::none : events.back(); }

  session s;
  std::string written;
  std::string written_before_tls;
  std::string packets;
  std::vector<session_event> events;
  bool hold = false;
};

}  // namespace aemp::wire::testing
