/// @file
/// The roster: every account that exists, so that an export can say which ones are missing.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "outro/status.h"

namespace outro {

/// The accounts of a roster file: UTF-8 text, one id a line. Errors: usage, with the line.
result<std::vector<std::string>> read_roster(const std::filesystem::path& path);

}  // namespace outro
