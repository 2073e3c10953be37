// The compiled half of Boost.Asio, once (BOOST_ASIO_SEPARATE_COMPILATION). Without asio::ssl, as TLS is our
// own (net/tls.hpp).
#include <boost/asio/impl/src.hpp>
