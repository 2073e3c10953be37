// What `aemp top` knows of a network: what its nodes have told of themselves, and how fast their counters
// went from one telling to the next. Times are in seconds, of any clock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <aemp/value.hpp>

namespace aemp::tool {

// A number that only grows, and how much it grew in a second. None before it was seen twice, and after it
// began again.
class counter {
 public:
  void see(double n, double now);
  std::optional<double> rate() const noexcept { return rate_; }

 private:
  double last_ = 0, at_ = 0;
  bool seen_ = false;
  std::optional<double> rate_;
};

struct connection_row {
  std::string node, peer;                                              // the figures are the node's
  std::optional<double> messages = {}, bytes_in = {}, bytes_out = {};  // a second
  double queued = 0;                                                   // bytes
  std::optional<double> round_trip = {};
};

struct node_row {
  std::string node;
  bool told = false;                                                   // otherwise there is but the name
  std::optional<double> messages = {}, bytes_in = {}, bytes_out = {};  // a second
  double waiting = 0;                                                  // messages
  double queued = 0;                                                   // bytes, for all its peers
  std::optional<double> round_trip = {};                               // between the tool and the node
  double ports = 0, peers = 0, uptime = 0;
};

class traffic {
 public:
  // Connections with the tool itself are left out.
  explicit traffic(std::string self) : self_(std::move(self)) {}

  // Nodes that are neither told of nor named by others between two of these are gone.
  void begin_turn();
  void seen(const std::string& node);
  // Answers of the inspect service (docs/protocol.md) to `node` and to `connections`; the latter is how long
  // the node took to answer.
  void told(const std::string& node, const value& facts, double now);
  // Returns the peers.
  std::vector<std::string> told(const std::string& node, const value::array& connections, double now,
                                double took);

  std::vector<node_row> nodes() const;
  // Each once: as the one who dialled sees it, if that node tells.
  std::vector<connection_row> connections() const;

 private:
  struct link {
    std::string peer;
    bool dialled = false;
    double queued = 0;
    std::optional<double> round_trip = {};
    counter packets = {}, bytes_in = {}, bytes_out = {};
  };
  struct entry {
    unsigned turn = 0;
    value facts = {};
    counter delivered = {};
    std::optional<double> round_trip = {};
    std::map<std::uint64_t, link> links = {};  // by their number at that node
  };

  const std::string self_;
  unsigned turn_ = 0;
  std::map<std::string, entry> nodes_;
};

value json_of(const std::vector<node_row>& nodes, const std::vector<connection_row>& connections);

}  // namespace aemp::tool
