/// Prints as many track ids as asked for, whose XXH3 would put them all into the first 1/256 of a table that
/// takes its places from an unkeyed hash: as anyone can choose them.
#include <xxhash.h>

#include <cstdio>
#include <cstdlib>
#include <string>

int main(int argc, char** argv) {
  constexpr std::uint64_t mixer = 0x9e3779b97f4a7c15, part = 256;
  const auto wanted = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  std::uint64_t size = part;
  while (size < 6 * wanted) size *= 2;
  std::uint64_t found = 0;
  for (std::uint64_t id = 1; found < wanted; ++id) {
    const auto text = std::to_string(id);
    const auto hash = XXH3_128bits(text.data(), text.size()).low64 | 1U;
    if (((hash * mixer) >> 20 & (size - 1)) >= size / part) continue;
    std::printf("%llu\n", static_cast<unsigned long long>(id));
    ++found;
  }
}
