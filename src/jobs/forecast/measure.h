/// @file
/// What `outro plan` measures on this machine: short exports of a sample, interleaved, and the speed of the
/// disks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "jobs/forecast/sample.h"
#include "jobs/forecast/window_forecast.h"
#include "outro/status.h"

namespace outro {

struct measure_options {
  std::vector<std::string> dumps;
  std::filesystem::path work;  ///< for the sample and the outputs; best on the disk of the real output
  std::string program;         ///< path of `outro`
  std::string layout = "xiami";
  std::uint64_t memory = 0;  ///< as for export
  unsigned threads = 0;
  int level = 3;
  bool catalogue = true;
  std::uint64_t sample = 0;   ///< decoded bytes; 0: by the number of CPUs
  double seconds = 40;        ///< of measuring, about
  bool levels = true;         ///< also measure higher levels, which takes a while more
  bool ignore_noise = false;  ///< measure them even where the rounds are noise
};

struct measured {
  tune_sample sample;
  unsigned threads = 0, shards_in_flight = 0;
  rate_facts rate;
  double unchanged = 0;      ///< seconds of a second export of the same sample, which writes nothing
  double output_bytes = 0;   ///< of the sample's packs
  double dead_letters = 0;   ///< as a share of its documents
  std::uint64_t memory = 0;  ///< most that a run had
  std::vector<level_cost> levels;
  double disk_read = 0, disk_write = 0;  ///< bytes a second past the page cache; 0: not known
  double others = 0;  ///< share of the machine's CPU time that other programs took meanwhile
};

/// Why these rounds give no rate: they differ too much, or other programs use the machine. Empty where they
/// do.
std::string noise_in(const measured& m);

/// Blocks for about `seconds`, and leaves nothing behind in `work`. Errors: usage (no sample, a pipe),
/// refused (too little disk, a sample that is too small or mostly dead letters), io, stopped.
result<measured> measure_machine(measure_options options,
                                 const std::function<void(const std::string& step)>& on_progress);

}  // namespace outro
