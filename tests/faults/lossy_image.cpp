#include "lossy_image.h"

#include <sys/stat.h>

#include <algorithm>

namespace lossy {

static constexpr std::uint64_t root_ino = 1;
/// What a disk writes as a whole.
static constexpr std::size_t sector = 512;

static void touch(node& n) {
  (void)std::timespec_get(&n.changed, TIME_UTC);
}

image::image() : root_(std::make_shared<node>()) {
  root_->ino = root_ino;
  root_->is_directory = true;
  root_->mode = S_IFDIR | 0700;
  touch(*root_);
}

node_ptr image::find(std::uint64_t ino) const {
  if (ino == root_ino) return root_;
  const auto it = nodes_.find(ino);
  return it == nodes_.end() ? nullptr : it->second;
}

void image::remember(const node_ptr& n) {
  ++n->lookups;
  nodes_[n->ino] = n;
}

void image::forget(std::uint64_t ino, std::uint64_t lookups) {
  const auto n = find(ino);
  if (!n || ino == root_ino) return;
  n->lookups -= std::min(n->lookups, lookups);
  if (n->lookups == 0) nodes_.erase(ino);
}

node_ptr image::make(node& parent, const std::string& name, bool is_directory, mode_t mode) {
  auto n = std::make_shared<node>();
  n->ino = ++last_ino_;
  n->is_directory = is_directory;
  n->mode = (mode & 07777U) | (is_directory ? S_IFDIR : S_IFREG);
  touch(*n);
  change(parent, {}, name, n);
  return n;
}

static void put_change(std::map<std::string, node_ptr>& entries, const entry_change& c) {
  if (!c.gone.empty()) entries.erase(c.gone);
  if (!c.name.empty()) entries[c.name] = c.what;
}

void image::change(node& parent, std::string gone, std::string name, node_ptr what) {
  if (what) what->name = name;
  parent.unsynced.push_back({std::move(gone), std::move(name), std::move(what)});
  put_change(parent.entries, parent.unsynced.back());
  touch(parent);
}

void image::write(node& file, std::size_t offset, std::string_view bytes) {
  const auto end = offset + bytes.size();
  if (offset > file.data.size()) file.dirty.emplace_back(file.data.size(), offset);
  if (end > file.data.size()) file.data.resize(end);
  bytes.copy(file.data.data() + offset, bytes.size());
  file.dirty.emplace_back(offset, end);
  touch(file);
}

void image::resize(node& file, std::size_t size) {
  const auto before = file.data.size();
  file.data.resize(size);
  file.dirty.emplace_back(std::min(before, size), std::max(before, size));
  touch(file);
}

void image::sync(node& n) {
  if (n.is_directory) {
    n.durable_entries = n.entries;
    n.unsynced.clear();
    return;
  }
  n.durable_data.resize(n.data.size());
  for (const auto& [begin, end] : n.dirty)
    for (auto i = begin; i < std::min(end, n.data.size()); ++i) n.durable_data[i] = n.data[i];
  n.dirty.clear();
}

node_ptr image::survivor_of(const node& n, std::mt19937_64* survivors,
                            std::map<std::uint64_t, node_ptr>& known) {
  // A file may have two names: the old one in the durable entries, the new one among the changes.
  if (const auto it = known.find(n.ino); it != known.end()) return it->second;
  auto left = std::make_shared<node>();
  known[n.ino] = left;
  // Numbers are never used again, so that the kernel keeps nothing of what was.
  left->ino = n.ino == root_ino ? root_ino : ++last_ino_;
  left->is_directory = n.is_directory;
  left->mode = n.mode;
  left->name = n.name;
  left->changed = n.changed;
  left->data = n.durable_data;
  auto entries = n.durable_entries;
  if (survivors != nullptr) {
    for (const auto& [begin, end] : n.dirty)
      for (auto at = begin; at < std::min(end, n.data.size());) {
        const auto next = std::min({end, n.data.size(), (at / sector + 1) * sector});
        if ((*survivors)() % 2 == 0) {
          if (left->data.size() < next) left->data.resize(next);
          n.data.copy(left->data.data() + at, next - at, at);
        }
        at = next;
      }
    const auto kept = n.unsynced.empty() ? 0 : (*survivors)() % (n.unsynced.size() + 1);
    for (std::size_t i = 0; i < kept; ++i) put_change(entries, n.unsynced[i]);
  }
  left->durable_data = left->data;
  for (const auto& [name, child] : entries) left->entries[name] = survivor_of(*child, survivors, known);
  left->durable_entries = left->entries;
  return left;
}

void image::lose_power(std::mt19937_64* survivors) {
  std::map<std::uint64_t, node_ptr> known;
  root_ = survivor_of(*root_, survivors, known);
  // The kernel may hold numbers of what was for long; their bytes need not stay with them.
  for (auto& [ino, n] : nodes_)
    if (ino != root_ino) std::string().swap(n->data), std::string().swap(n->durable_data);
}

static std::uint64_t bytes_below(const node& n) {
  auto bytes = static_cast<std::uint64_t>(n.data.size());
  for (const auto& [name, child] : n.entries) bytes += bytes_below(*child);
  return bytes;
}

std::uint64_t image::bytes_used() const {
  return bytes_below(*root_);
}

}  // namespace lossy
