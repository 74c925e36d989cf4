#include "tracks/version_set.h"

#include <array>
#include <utility>

namespace outro {

static constexpr std::array<std::pair<version_set, std::string_view>, 13> names = {{
    {version::live, "live"},
    {version::remix, "remix"},
    {version::instrumental, "instrumental"},
    {version::acoustic, "acoustic"},
    {version::demo, "demo"},
    {version::cover, "cover"},
    {version::edit, "edit"},
    {version::extended, "extended"},
    {version::tv_size, "tv size"},
    {version::sped_up, "sped up"},
    {version::slowed, "slowed"},
    {version::a_cappella, "a cappella"},
    {version::clean, "clean"},
}};

std::string name_of_versions(version_set versions) {
  std::string text;
  for (const auto& [bit, name] : names)
    if ((versions & bit) != 0) text.append(text.empty() ? "" : "+").append(name);
  return text.empty() ? "studio" : text;
}

version_set version_named(std::string_view name) {
  for (const auto& [bit, known] : names)
    if (known == name) return bit;
  return 0;
}

}  // namespace outro
