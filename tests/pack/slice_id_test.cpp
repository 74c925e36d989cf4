#include "pack/slice_id.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdio>

#include "base/output_names.h"

namespace outro {
namespace {

TEST(slice_id, sorts_by_run_unit_and_slice_as_its_name_does) {
  EXPECT_EQ(name_of({1, 1, 1}), "r0001-u000001-s0001");
  const slice_id ids[] = {{1, 1, 1}, {1, 1, 2}, {1, 9, 10}, {1, 10, 9}, {2, 1, 1}, {9999, 999'999, 9999}};
  for (std::size_t i = 1; i < std::size(ids); ++i) {
    EXPECT_LT(ids[i - 1], ids[i]);
    EXPECT_LT(name_of(ids[i - 1]), name_of(ids[i]));
  }
}

RC_GTEST_PROP(slice_id, can_be_read_from_its_name_however_large, ()) {
  slice_id id;
  id.run = *rc::gen::arbitrary<std::uint32_t>();
  id.unit = *rc::gen::arbitrary<std::uint32_t>();
  id.number = *rc::gen::arbitrary<std::uint32_t>();
  const auto name = name_of(id);
  slice_id back;
  int read = 0;
  RC_ASSERT(std::sscanf(name.c_str(), "r%u-u%u-s%u%n", &back.run, &back.unit, &back.number, &read) == 3);
  RC_ASSERT(static_cast<std::size_t>(read) == name.size());
  RC_ASSERT(back == id);
  RC_ASSERT(name.starts_with(prefix_of_run(id.run)));
}

TEST(slice_id, has_files_of_three_kinds) {
  const slice_id id{2, 3, 4};
  EXPECT_EQ(pack_path("/o", id), "/o/packs/r0002-u000003-s0004.tar.zst");
  EXPECT_EQ(letters_path("/o", id), "/o/dead-letters/r0002-u000003-s0004.ndjson.zst");
  EXPECT_EQ(part_path("/o", id), "/o/catalogue/parts/r0002-u000003-s0004.part");
}

}  // namespace
}  // namespace outro
