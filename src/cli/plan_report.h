/// @file
/// The answer of `outro plan`, as text and as JSON.
#pragma once

#include <optional>
#include <string>

#include "jobs/forecast/measure.h"
#include "jobs/forecast/window_forecast.h"

namespace outro {

struct plan_report {
  std::optional<measured> measures;  ///< nothing: all figures were given
  byte_cost cost;
  window_question question;
  window_answer answer;
  std::uint64_t ledger_bytes = 0;  ///< added to those of the packs
  std::uint64_t disk_free = 0;     ///< where the output is to be
  std::uint64_t memory = 0, largest = 0;
  int level = 3, highest_level = 0;  ///< 0: none fits, or nothing was measured
  double change_rate = -1;           ///< of accounts a day; negative: not asked
  double delta_changed_seconds = 0;  ///< a daily run over the dumps of changed accounts only
  double delta_all_seconds = 0;      ///< over dumps of all accounts
};

std::string text_of(const plan_report& r);
std::string json_of(const plan_report& r);

}  // namespace outro
