// `new` of the whole program, counted by the thread's meter (base/work_meter.h). It is here and in no
// library, where it would depend on what else is linked whether it replaces the standard's.
#include <cstdlib>
#include <new>

#include "base/work_meter.h"

void* operator new(std::size_t bytes) {
  return outro::metered_realloc(nullptr, bytes > 0 ? bytes : 1);
}

// Of both kinds, so that what one of them gave is never freed by a sanitizer's own delete.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  try {
    return outro::metered_realloc(nullptr, bytes > 0 ? bytes : 1);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void operator delete(void* p) noexcept {
  outro::metered_free(p);
}

void operator delete(void* p, std::size_t) noexcept {
  outro::metered_free(p);
}
