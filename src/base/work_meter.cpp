#include "base/work_meter.h"

#include <malloc.h>

#include <cstdlib>

namespace outro {

void* metered_realloc(void* p, std::size_t bytes) {
  const auto before = work_meter::is_counting() ? ::malloc_usable_size(p) : 0;
  if (bytes > before) work_meter::ask(bytes - before);
  void* const grown = std::realloc(p, bytes);  // NOLINT(cppcoreguidelines-no-malloc)
  if (grown == nullptr) throw std::bad_alloc();
  if (work_meter::is_counting())
    work_meter::count(static_cast<std::int64_t>(::malloc_usable_size(grown)) -
                      static_cast<std::int64_t>(before));
  return grown;
}

void metered_free(void* p) noexcept {
  if (work_meter::is_counting()) work_meter::count(-static_cast<std::int64_t>(::malloc_usable_size(p)));
  std::free(p);  // NOLINT(cppcoreguidelines-no-malloc)
}

}  // namespace outro
