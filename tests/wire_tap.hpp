// Somebody between two nodes: forwards what they say, keeps a copy, and may change the first line of either
// side.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace aemp::testing {

class wire_tap {
 public:
  using edit = std::function<std::string(std::string line)>;

  // Forwards each connection to "127.0.0.1:port", on a thread of its own.
  explicit wire_tap(const std::string& to, edit of_client = {}, edit of_server = {});
  wire_tap(const wire_tap&) = delete;
  wire_tap& operator=(const wire_tap&) = delete;
  ~wire_tap();

  std::string endpoint() const;
  // Everything that was forwarded, of all connections and both directions.
  std::string recorded() const;

 private:
  struct parts;
  const std::unique_ptr<parts> it_;
};

}  // namespace aemp::testing
