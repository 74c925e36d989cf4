/// @file
/// Commands as a person pastes them into a shell.
#pragma once

#include <string>

namespace outro {

/// The word, quoted where a shell would read anything else in it.
std::string shell_quoted(const std::string& word);

}  // namespace outro
