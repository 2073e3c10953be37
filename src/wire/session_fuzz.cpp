// Bytes from a stranger against the handshake. The first byte chooses our configuration and the size of the
// slices. Whatever comes, the session must end in a state it can explain, must not read behind an event, and
// must not depend on the slices.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "wire/session.hpp"

namespace {

using namespace aemp::wire;

struct outcome {
  std::string events;
  std::string written;
  std::size_t consumed = 0;
};

void require(bool holds) {
  if (!holds) std::abort();
}

outcome run(unsigned options, std::string_view bytes, std::size_t slice) {
  session_config config;
  config.node_id = "fuzzed";
  config.nonce = "nonce";
  if ((options & 1) != 0) config.secret = "geheim";
  config.tls_available = (options & 2) != 0;
  config.psk = static_cast<psk_wish>(options >> 4 & 3);
  if ((options & 4) != 0) config.auth_accept.push_back(auth_method::cleartext);
  session s(config);
  if ((options & 8) != 0) s.hold_auth();

  outcome seen;
  std::string kept;
  for (std::size_t at = 0; at < bytes.size(); at += slice) {
    kept += bytes.substr(at, slice);
    for (;;) {
      const session_step step = s.feed(kept);
      require(step.consumed <= kept.size());
      kept.erase(0, step.consumed);
      seen.consumed += step.consumed;
      if (step.event == session_event::none) break;
      seen.events += static_cast<char>('0' + static_cast<int>(step.event));
      if (step.event == session_event::failed) {
        require(!s.failure().name.empty() && !s.failure().text.empty());
        seen.written = s.take_output();
        seen.consumed = 0;  // what is behind the line that failed does not matter
        return seen;
      }
      if (step.event == session_event::verified) s.send_auth();
      s.tls_ready();
    }
  }
  seen.written = s.take_output();
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const outcome whole = run(data[0], bytes, bytes.size() + 1);
  const outcome sliced = run(data[0], bytes, 1 + data[0] / 16);
  require(whole.events == sliced.events && whole.written == sliced.written &&
          whole.consumed == sliced.consumed);
  return 0;
}
