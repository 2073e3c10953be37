// The compiled half of Boost.JSON, once, so that nothing has to be linked for it.
#include <boost/json/src.hpp>
