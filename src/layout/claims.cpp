#include "layout/claims.h"

#include <algorithm>
#include <array>

namespace outro {

namespace {

constexpr std::array<std::string_view, playlist_cells - 1> playlist_cell_names = {
    "", "name", "description", "tags", "public", "created", "declared"};
constexpr std::array<std::string_view, entry_cells> entry_cell_names = {"", "added", "note"};

std::string of_file(const std::string& file, std::string_view column) {
  return file + ": " + std::string(column);
}

std::string claim_of(const layout& rules, const capture& c) {
  if (c.table == playlist_table) return of_file("playlists.csv", playlist_cell_names.at(c.cell));
  if (c.table == entry_table) return of_file("playlist entry", entry_cell_names.at(c.cell));
  const auto& table = rules.tables[c.table];
  std::string claim;
  for (const auto& column : table.columns)
    if (column.from == column::source::cell && column.index == c.cell)
      claim += (claim.empty() ? of_file(table.file, "") : ", ") + column.header;
  return claim;
}

std::string claim_of_row(const layout& rules, std::uint32_t table) {
  if (table == playlist_table) return "playlist";
  if (table == entry_table) return "playlist entry";
  return "row of " + rules.tables[table].file + (table == rules.listen_table ? " (a listen)" : "");
}

/// The paths of all nodes of a trie, parents first.
std::vector<node_claims> paths_of(const std::vector<layout_node>& trie) {
  std::vector<node_claims> nodes(trie.size());
  for (std::size_t i = 0; i < trie.size(); ++i) {
    const auto& path = nodes[i].path;
    for (const auto& [key, child] : trie[i].keys) nodes[child].path = path.empty() ? key : path + "." + key;
    if (trie[i].element != no_index) nodes[trie[i].element].path = path + "[]";
  }
  return nodes;
}

}  // namespace

std::vector<node_claims> claims_of_document(const layout& rules) {
  auto nodes = paths_of(rules.document);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto& node = rules.document[i];
    auto& claims = nodes[i].claims;
    if (node.is_account_id) claims.emplace_back("account id");
    if (node.is_exported_at) claims.emplace_back("exportedAt");
    if (node.begins_row_of != no_index) claims.push_back(claim_of_row(rules, node.begins_row_of));
    if (node.is_track) claims.emplace_back("track object");
    for (const auto& c : node.captures) claims.push_back(claim_of(rules, c));
    if (node.is_volatile && !node.is_exported_at) claims.emplace_back("volatile");
    if (node.is_masked) claims.emplace_back("masked");
    nodes[i].is_needed = node.is_account_id || node.is_exported_at || node.is_track ||
                         node.begins_row_of == playlist_table || node.begins_row_of == entry_table;
  }
  return nodes;
}

std::vector<node_claims> claims_of_track(const layout& rules) {
  auto nodes = paths_of(rules.track);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto& node = rules.track[i];
    auto& claims = nodes[i].claims;
    if (const auto slot = node.slot; slot != no_index) {
      const auto& sub_key = rules.slots[slot].sub_key;
      for (std::size_t r = 0; r < role_count; ++r)
        if (std::find(rules.roles[r].begin(), rules.roles[r].end(), slot) != rules.roles[r].end())
          claims.push_back(std::string(role_names[r]) + (sub_key.empty() ? "" : " (its []." + sub_key + ")"));
      for (const auto& table : rules.tables)
        for (const auto& column : table.columns)
          if (column.from == column::source::track_slot && column.index == slot)
            claims.push_back(of_file(table.file, column.header));
      if (std::find(rules.entry_slots.begin(), rules.entry_slots.end(), slot) != rules.entry_slots.end())
        claims.emplace_back("entry field");
    }
    if (node.is_volatile) claims.emplace_back("volatile");
  }
  return nodes;
}

}  // namespace outro
