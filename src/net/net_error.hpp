// Names and texts for the errors of sockets.
#pragma once

#include <string>

#include <boost/system/error_code.hpp>

#include <aemp/export.hpp>
#include <aemp/result.hpp>

#include "net/endpoint.hpp"

namespace aemp::net {

// The text for an orderly end of a connection, here and in Perl (aemp-protocol G).
inline constexpr const char* end_of_file = "Unexpected end-of-file";
// The text for an end in TLS without close_notify: anybody on the way may have made it.
inline constexpr const char* end_without_notify =
    "Unexpected end-of-file inside TLS, without close_notify: something may be missing";

// Why a connection ended, as on_closed() gets it: the system's text.
[[nodiscard]] AEMP_PRIVATE_API std::string closing_text(const boost::system::error_code& code);

// The errors of transport::dial() and listen().
[[nodiscard]] AEMP_PRIVATE_API aemp::error dial_error(const endpoint& to,
                                                      const boost::system::error_code& code);
[[nodiscard]] AEMP_PRIVATE_API aemp::error listen_error(const endpoint& at,
                                                        const boost::system::error_code& code);

}  // namespace aemp::net
