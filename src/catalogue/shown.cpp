#include "catalogue/shown.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <vector>

#include "catalogue/descriptions.h"
#include "catalogue/parallel.h"

namespace outro {

ballot ballot_of(const catalogue_table& table, std::uint32_t variant, const object_reader& said) {
  const auto& t = table.tally_of(variant);
  ballot b;
  b.texts = {text_hash(said.text(role::title)), text_hash(said.text(role::artists)),
             text_hash(said.text(role::album))};
  b.status = text_hash(said.text(role::availability));
  b.accounts = t.accounts;
  b.newest = t.newest;
  b.second = t.second;
  b.content = table.variant_at(variant).content;
  b.variant = variant;
  return b;
}

void append_said(const catalogue_table& table, const catalogue_table::track& t,
                 std::vector<std::uint32_t>& variants) {
  for (auto i = t.begin; i < t.end; ++i)
    if (table.tally_of(i).accounts > 0) variants.push_back(i);
}

namespace {

constexpr std::size_t tracks_at_once = 4096;

/// Of these ballots, which are all of a track.
void show_elected(catalogue_table& table, std::size_t number, std::vector<ballot>& ballots) {
  const auto* newest = newest_status(ballots, 1);
  const auto status = newest == nullptr ? no_index : newest->variant;
  const auto shown = most_held(elect(ballots, 1).by).variant;
  table.show(number, shown, status == no_index ? shown : status);
}

status elect_some(catalogue_table& table, std::span<const catalogue_run> runs, std::size_t from,
                  std::size_t to) {
  struct several {
    std::size_t number, end;  ///< of its variants in `variants`
  };
  std::vector<several> tracks;
  std::vector<std::uint32_t> variants;
  for (auto number = from; number < to; ++number) {
    const auto t = table.at(number);
    const auto before = variants.size();
    append_said(table, t, variants);
    if (variants.size() > before + 1) {
      tracks.push_back({number, variants.size()});
      continue;
    }
    auto shown = variants.size() > before ? variants.back() : t.begin;
    while (!table.tally_of(shown).occurs()) ++shown;
    table.show(number, shown, shown);
    variants.resize(before);
  }
  object_reader reader;
  std::vector<ballot> ballots;
  auto track = tracks.begin();
  return for_each_description(table, runs, variants,
                              [&](std::size_t i, const layout& rules, std::string_view fields) {
                                reader.read(rules, fields);
                                ballots.push_back(ballot_of(table, variants[i], reader));
                                if (i + 1 < track->end) return;
                                show_elected(table, track->number, ballots);
                                ballots.clear();
                                ++track;
                              });
}

}  // namespace

status elect_shown(catalogue_table& table, std::span<const catalogue_run> runs) {
  const auto pieces = (table.tracks() + tracks_at_once - 1) / tracks_at_once;
  return for_each_piece(static_cast<std::uint32_t>(pieces), [&](std::uint32_t piece) {
    const auto from = piece * tracks_at_once;
    return elect_some(table, runs, from, std::min(from + tracks_at_once, table.tracks()));
  });
}

}  // namespace outro
