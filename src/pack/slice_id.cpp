#include "pack/slice_id.h"

#include <fmt/format.h>

#include "base/output_names.h"

namespace outro {

std::string name_of(slice_id id) {
  return fmt::format("{}u{:06}-s{:04}", prefix_of_run(id.run), id.unit, id.number);
}

std::string prefix_of_run(std::uint32_t run) {
  return fmt::format("r{:04}-", run);
}

std::filesystem::path pack_path(const std::filesystem::path& out, slice_id id) {
  return out / pack_name(name_of(id));
}

std::filesystem::path letters_path(const std::filesystem::path& out, slice_id id) {
  return out / letters_name(name_of(id));
}

std::filesystem::path part_path(const std::filesystem::path& out, slice_id id) {
  return out / part_name(name_of(id));
}

}  // namespace outro
