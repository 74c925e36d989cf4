#include "jobs/export/settings.h"

#include <utility>

#include "layout/load.h"

namespace outro {

result<export_settings> complete_settings(const export_options& given) {
  auto options = complete_options(given);
  if (!options) return options.error();
  auto rules = load_layout(options->layout);
  if (!rules) return rules.error();
  return export_settings{std::move(*options), std::move(*rules)};
}

}  // namespace outro
