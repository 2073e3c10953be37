// Who serves data connections (aemp-protocol F.1). The mesh hands it the streams that greet as aemp-dataconn,
// whether they came in or were dialled, once both sides have proven themselves.
//
// Belongs to the network worker.
#pragma once

#include <memory>
#include <string>

#include <aemp/result.hpp>

#include "core/clock.hpp"
#include "mesh/internal_error.hpp"
#include "net/transport.hpp"

namespace aemp::mesh {

inline constexpr const char* data_protocol = "aemp-dataconn";
inline constexpr const char* data_key = "dataconn_id";
inline constexpr const char* frames_key = "dataframes";

// A stream in the middle of its life: its next owner calls redirect() at once.
struct raw_stream {
  std::unique_ptr<net::stream> stream;
  std::string received;  // behind the handshake
  std::string unsent;    // of our side of it, not given to the stream yet
  bool writing = false;  // on_sent() will come
  bool framed = false;   // both sides have agreed on frames (docs/protocol.md, `dataframes`)
  // How often this node has to say something, and how long the other side may be silent; zero: no limit.
  core::duration speak_every{0}, listen_for{0};
};

class data_server {
 public:
  // Node `node`, which has proven that it is that node, has come for the connection `id`. An error: nobody
  // waits for it, and the stream is closed.
  virtual result<void> take(const std::string& node, const std::string& id, raw_stream& s) = 0;
  // A dialled stream failed, or another node than `node` answered.
  virtual void dial_ended(const std::string& node, const std::string& id, const net::endpoint& at,
                          const error& why) = 0;

 protected:
  ~data_server() = default;
};

}  // namespace aemp::mesh
