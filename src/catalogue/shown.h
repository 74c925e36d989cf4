/// @file
/// Which of an id's contents the private catalogue shows.
#pragma once

#include <span>

#include "catalogue/election.h"
#include "catalogue/object_reader.h"
#include "catalogue/table.h"

namespace outro {

/// What an object says, and who says so.
ballot ballot_of(const catalogue_table& table, std::uint32_t variant, const object_reader& said);

/// The variants of a track that an account says; what none says has no voice.
void append_said(const catalogue_table& table, const catalogue_table::track& t,
                 std::vector<std::uint32_t>& variants);

/// Elects for every track the variant that describes it, and the one that says whether the service still has
/// it, on all threads of the current arena. Reads only tracks with several contents. Memory: 80 bytes for
/// each content of the id that has most, beside a batch of descriptions for each thread. Errors: io, corrupt.
status elect_shown(catalogue_table& table, std::span<const catalogue_run> runs);

}  // namespace outro
