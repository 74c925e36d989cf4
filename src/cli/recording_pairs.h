/// @file
/// `outro recordings --pairs` and `--explain`: what the rules say of two tracks, and why.
#pragma once

#include <string>
#include <vector>

#include "cli/tools.h"
#include "outro/status.h"

namespace outro {

struct pair_options {
  std::vector<std::string> except;   ///< names of pairs that do not count
  std::vector<std::string> explain;  ///< names of pairs, or of two tracks of a table of tracks
  bool json = false;
};

/// Judges every pair of a table of pairs, and scores against its labels; or explains the named ones.
status judge_pairs(std::string text, const pair_options& options, standard_output& out);

/// Explains two tracks of a table of tracks, named by their ids or lines ("line 7").
status explain_tracks(std::string text, const pair_options& options, standard_output& out);

}  // namespace outro
