// The compiled half of Boost.JSON, once, so that there is no library to link.
#include <boost/json/src.hpp>
