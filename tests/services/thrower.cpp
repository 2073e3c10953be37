// A service that cannot define what it has.
#include <aemp/service.hpp>

#include <stdexcept>

AEMP_SERVICE(aemp::node&) { throw std::runtime_error("there is no paper in the printer"); }
