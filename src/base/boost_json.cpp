/// @file
/// Boost.JSON, compiled here once: Debian's headers are enough, and no shared library is needed.
#include <boost/json/src.hpp>
