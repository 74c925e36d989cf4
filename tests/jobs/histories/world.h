/// @file
/// A history carried out on real files by the jobs themselves, beside a model that knows only which documents
/// were offered.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/scratch_folder.h"
#include "jobs/histories/history.h"
#include "jobs/histories/shards.h"
#include "jobs/verify/verify.h"
#include "source/repair.h"

namespace outro::histories {

/// A shard that an export was given, and the documents that it stood for.
struct offer {
  std::uint32_t run = 0, unit = 0, shard = 0;
  std::set<std::string> documents;  ///< their essences
  std::vector<std::string> lines;
  bool damaged = false;  ///< it was broken, or changed while it was read
};

/// What the operator answers for.
struct acceptance {
  std::vector<shard_id> shards;
  std::vector<std::uint32_t> cut_runs;

  [[nodiscard]] bool covers(const offer& o) const;
};

class world {
 public:
  world();

  /// Carries out one command. Returns what is wrong: a yes while a document is lost, or a no for a history in
  /// which nothing went wrong; empty where nothing is.
  std::string step(const command& c);
  void touch_shards() { shards_.touch(); }
  /// The questions that every history ends with, as things are and once the operator has put them right.
  std::string end();

  /// The dump of each account that the directory hands out.
  [[nodiscard]] std::map<std::string, std::string> current() const;
  /// Whether a yes was heard, and whether one was heard although something had gone wrong before.
  [[nodiscard]] bool said_yes() const { return said_yes_; }
  [[nodiscard]] bool said_yes_after_damage() const { return said_yes_after_damage_; }

 private:
  using arguments = std::vector<std::string>;

  void run(const arguments& dumps, std::vector<offer> offers);
  int export_dumps(const arguments& dumps);
  int export_and_die(const arguments& dumps, unsigned step);
  void note_export(int code, std::vector<offer> offers);
  void run_folder();
  void run_one(const command& c);
  void run_piped(const command& c);
  void run_changing(const command& c);
  void run_crashing(const command& c);
  void lose(const command& c);
  void rebuild();
  std::string ask_all();
  std::string verify(const arguments& against, const acceptance& accepted = {});
  [[nodiscard]] std::vector<shard_id> damaged_shards() const;
  [[nodiscard]] std::vector<offer> offers_of(const std::vector<shard_file>& files, std::uint32_t unit) const;
  [[nodiscard]] std::string lost(const acceptance& accepted) const;
  [[nodiscard]] bool must_be_safe(const arguments& against) const;
  [[nodiscard]] std::uint32_t runs() const;
  [[nodiscard]] std::string wrong_current() const;

  scratch_folder folder_;
  std::filesystem::path out_;
  shard_folder shards_;
  std::vector<offer> offered_;
  std::vector<offer> pending_;  ///< of an export that began and did not end
  bool interrupted_ = false;    ///< an export died, and none has ended since
  bool said_yes_ = false, said_yes_after_damage_ = false;
  bool clean_ = true;  ///< nothing was damaged or lost so far
};

}  // namespace outro::histories
