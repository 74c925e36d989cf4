/// What is generated depends on the options alone, and compression changes nothing of it.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>

#include "testing/generate_testing.h"

namespace outro::generate {
namespace {

TEST(generated_bytes, are_the_same_at_any_thread_count) {
  for (const format written : {format::plain, format::zst}) {
    for (const std::uint64_t frame : {std::uint64_t{1} << 20, std::uint64_t{0}}) {
      const scratch dir;
      std::map<std::string, std::string> first;
      for (const unsigned threads : {1U, 2U, 7U}) {
        options wanted = faulty_job(dir / std::to_string(threads));
        wanted.accounts = 150;
        wanted.format = written;
        wanted.frame_size = frame;
        wanted.threads = threads;
        wanted.duplicate_recordings = 0.1;
        wanted.traps = 0.1;
        run_well(wanted);
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::recursive_directory_iterator(wanted.out)) {
          if (!entry.is_regular_file()) continue;
          files[fs::relative(entry.path(), wanted.out).string()] = read_file(entry.path());
        }
        ASSERT_GT(files.size(), 4U);
        if (first.empty()) first = files;
        ASSERT_EQ(files.size(), first.size());
        for (const auto& [name, bytes] : files)
          EXPECT_TRUE(bytes == first[name]) << name << " at " << threads;
      }
    }
  }
}

TEST(generated_bytes, are_the_same_in_zstd_frames_of_the_chosen_size) {
  const scratch dir;
  options wanted = faulty_job(dir / "plain");
  run_well(wanted);
  const auto plain = shards_of(wanted.out);
  for (const std::uint64_t frame : {std::uint64_t{1} << 20, std::uint64_t{0}}) {
    wanted.out = dir / ("zst" + std::to_string(frame));
    wanted.format = format::zst;
    wanted.frame_size = frame;
    run_well(wanted);
    for (const auto& [name, bytes] : plain) {
      const std::string packed = read_file(wanted.out / "dumps" / (name + ".zst"));
      std::size_t frames = 0;
      EXPECT_TRUE(decompress(packed, &frames) == bytes) << name;
      EXPECT_EQ(frames, frame == 0 ? 1 : (bytes.size() + frame - 1) / frame) << name;
    }
    EXPECT_EQ(shards_of(wanted.out).size(), plain.size());
  }
}

TEST(generated_bytes, are_others_with_another_seed) {
  const scratch dir;
  options wanted = small_job(dir / "a");
  wanted.accounts = 20;
  run_well(wanted);
  const auto first = shards_of(wanted.out);
  wanted.out = dir / "b";
  wanted.seed = 2;
  run_well(wanted);
  EXPECT_NE(first.begin()->second, shards_of(wanted.out).begin()->second);
}

}  // namespace
}  // namespace outro::generate
