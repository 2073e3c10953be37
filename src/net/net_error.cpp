// One table from the system's codes to names, with the advice that goes with them.
#include "net/net_error.hpp"

#include <boost/asio/error.hpp>

namespace aemp::net {
namespace {

struct entry {
  int code;
  const char* name;
  const char* advice;
};

constexpr entry entries[] = {
    {ECONNREFUSED, "connection_refused", "nothing listens there; start the node, or correct the port"},
    {ENETUNREACH, "unreachable",
     "there is no route to that network; check the address and this machine's routes"},
    {EHOSTUNREACH, "unreachable", "the host does not answer; check the address, and that the host is up"},
    {ETIMEDOUT, "timed_out", "the host does not answer; check the address, and firewalls in between"},
    {EADDRINUSE, "port_in_use", "another program listens there; stop it, or choose another port (0: any)"},
    {EADDRNOTAVAIL, "address_not_available",
     "this machine does not have that address; bind to one it has, or to *"},
    {EAFNOSUPPORT, "address_not_available", "this machine does not have that kind of address"},
    {EACCES, "permission_denied", "ports below 1024 need a privilege (root); choose a higher port"},
    {EPERM, "permission_denied", "a local rule (firewall) forbids it"},
    {EMFILE, "too_many_files", "this process has too many files open; raise its limit (ulimit -n)"},
    {ENFILE, "too_many_files", "this machine has too many files open"},
};

aemp::error named(const std::string& doing, const boost::system::error_code& code) {
  const std::string text = doing + ": " + code.message();
  if (code.category() == boost::system::system_category()) {
    for (const entry& e : entries) {
      if (e.code == code.value()) return {e.name, text + "; " + e.advice};
    }
  }
  return {"network_error", text};
}

}  // namespace

std::string closing_text(const boost::system::error_code& code) {
  return code == boost::asio::error::eof ? end_of_file : code.message();
}

aemp::error dial_error(const endpoint& to, const boost::system::error_code& code) {
  return named("cannot connect to " + to.str(), code);
}

aemp::error listen_error(const endpoint& at, const boost::system::error_code& code) {
  return named("cannot listen at " + at.str(), code);
}

}  // namespace aemp::net
