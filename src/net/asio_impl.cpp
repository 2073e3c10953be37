// The compiled half of Boost.Asio, once (BOOST_ASIO_SEPARATE_COMPILATION); TLS is ours (net/tls.hpp), so
// asio::ssl is not in.
#include <boost/asio/impl/src.hpp>
