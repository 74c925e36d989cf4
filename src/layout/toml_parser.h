/// @file
/// The TOML parser. Include it only through this header.
#pragma once

// toml++ 3.3 asserts what a malformed file can break (`[[[a]]]`, `a = ]`) right before it reports the same
// thing as a parse error. Without its assertions a debug build refuses such a file like a release build does.
#ifdef TOML_ASSERT
#error toml++ must not be configured elsewhere
#endif
#define TOML_ASSERT(expression) static_assert(true)

#include <toml++/toml.h>
