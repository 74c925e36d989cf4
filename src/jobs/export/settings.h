/// @file
/// What an export is to do once everything is known: the options as they were given, completed for this
/// machine, and the layout that they name.
#pragma once

#include "base/options.h"
#include "layout/layout.h"
#include "outro/status.h"

namespace outro {

struct export_settings {
  export_options options;  ///< complete: no field stands for "what fits" any more, but for `catalogue`
  layout rules;
};

/// Errors: usage, which names the option or the line of the layout.
result<export_settings> complete_settings(const export_options& given);

}  // namespace outro
