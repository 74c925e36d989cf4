/// @file
/// A file tree in memory that knows which part of it would survive a power cut.
///
/// Strict, as no real file system is: a file's bytes are durable once that file was synced, a directory's
/// entries once that directory was synced, and neither brings the other along. Not thread-safe.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lossy {

struct node;
using node_ptr = std::shared_ptr<node>;

/// One change of a directory that happens as a whole: `gone` leaves and `name` becomes `what`; either may be
/// empty.
struct entry_change {
  std::string gone, name;
  node_ptr what;
};

struct node {
  std::uint64_t ino = 0;
  bool is_directory = false;
  mode_t mode = 0;
  std::string name;  ///< the last one it had
  std::timespec changed{};
  std::uint64_t lookups = 0;  ///< references that the kernel holds

  std::string data, durable_data;                          ///< of a file
  std::vector<std::pair<std::size_t, std::size_t>> dirty;  ///< [begin, end) of `data` since the last sync

  std::map<std::string, node_ptr> entries, durable_entries;  ///< of a directory
  std::vector<entry_change> unsynced;                        ///< in the order they were made
};

class image {
 public:
  image();

  /// The node that the kernel calls `ino`; null where it was forgotten.
  [[nodiscard]] node_ptr find(std::uint64_t ino) const;
  void remember(const node_ptr& n);
  void forget(std::uint64_t ino, std::uint64_t lookups);

  node_ptr make(node& parent, const std::string& name, bool is_directory, mode_t mode);
  /// `parent` loses `gone` and gets `name`, which is `what`; either name may be empty.
  static void change(node& parent, std::string gone, std::string name, node_ptr what);
  static void write(node& file, std::size_t offset, std::string_view bytes);
  static void resize(node& file, std::size_t size);
  static void sync(node& n);

  /// What is left when the power goes: the durable tree. With a generator, some of what was not synced
  /// survives as well, as on a disk: any of the written sectors, and the first few changes of each directory.
  void lose_power(std::mt19937_64* survivors);

  [[nodiscard]] std::uint64_t bytes_used() const;

 private:
  node_ptr survivor_of(const node& n, std::mt19937_64* survivors, std::map<std::uint64_t, node_ptr>& known);

  std::unordered_map<std::uint64_t, node_ptr> nodes_;
  std::uint64_t last_ino_ = 1;
  node_ptr root_;
};

}  // namespace lossy
