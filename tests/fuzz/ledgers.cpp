// Ledgers made by somebody else: every query of list, extract and verify answers or fails, without a crash
// and without memory or time that the file alone decides.
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "fuzz/fuzzing.h"
#include "ledger/audit.h"
#include "ledger/ledger.h"
#include "ledger/lookup.h"

namespace outro {
namespace {

using fuzzing::must;
namespace fs = std::filesystem;

/// A file of this process, in memory where there is such a place.
class ledger_file {
 public:
  ledger_file() {
    std::string name = fs::is_directory("/dev/shm") ? "/dev/shm/outro-fuzz-XXXXXX" : "/tmp/outro-fuzz-XXXXXX";
    must(::mkdtemp(name.data()) != nullptr, "there is a place for files");
    folder_ = name;
  }
  ~ledger_file() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  ledger_file(const ledger_file&) = delete;
  ledger_file& operator=(const ledger_file&) = delete;

  [[nodiscard]] fs::path write(std::string_view bytes) const {
    auto path = folder_ / "ledger.sqlite";
    auto file = create_private(path);
    must(file && write_all(file->get(), bytes, path).ok(), "the file is written");
    return path;
  }

 private:
  fs::path folder_;
};

void query(ledger& books) {
  const auto runs = books.runs();
  std::uint64_t rows = 0;
  (void)books.check_integrity();
  const auto count = [&rows](const document_row& r) {
    must(name_of(r.record.outcome).size() + name_of(r.record.reason).size() > 0,
         "every outcome and reason has a name");
    return ++rows < 10'000;
  };
  (void)books.for_each_document(count);
  (void)books.for_each_current(count);
  for (const auto& s : books.slices()) (void)books.documents_of(s.id);
  for (const auto& r : runs) {
    (void)books.books_of(r.run);
    (void)books.planned_units(r.run);
    (void)books.progress_of(r.run);
  }
  (void)books.books_of(0);
  (void)books.history_of("5");
  (void)books.current_archive("5");
  (void)books.damaged_rows(2);
  (void)books.shrunk(1, 50);
  (void)books.for_each_shrunk(50, count);
  (void)books.for_each_suspect(count);
  (void)books.shard_path(1, 1, 0);
  (void)books.current_accounts();
  (void)books.roster();
  (void)books.for_each_dead_letter(count);
  (void)books.for_each_shard([&](const shard_row&) { return ++rows < 20'000; });
  (void)books.for_each_unit([](std::uint32_t, std::uint32_t) {});
}

void audit(ledger& books) {
  (void)impossible_documents(books);
  (void)count_documents(books);
  (void)count_documents_of_slices(books);
  (void)wrong_proofs(books);
  (void)unread_shards(books, 1);
  (void)count_units(books, 1);
  (void)wrong_repairs(books);
  (void)unproven_accounts(books, {{1, 1, 0}});
  (void)standing_letters(books, {{1, 1, 0}});
}

void look_up(ledger& books) {
  const auto digest = digest_of("5");
  ledger_lookup lookup(books);
  lookup.for_each_row("5", std::nullopt, digest, [](const found_row&) { return true; });
  (void)lookup.archive_of_content("5", digest, 2);
  (void)earlier_lookup(books).of("5", digest);
  (void)lookup.end_of_shard(1, 1, 0);
  letter_lookup letters(books);
  letters.for_each_letter(digest, [](const found_row&) { return true; });
}

}  // namespace
}  // namespace outro

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outro;
  static const ledger_file file;
  const auto path = file.write({reinterpret_cast<const char*>(data), size});
  try {
    auto books = ledger::open(path, database::access::frozen);
    if (!books) return 0;
    query(*books);
    audit(*books);
    look_up(*books);
  } catch (const std::runtime_error&) {
    // A query that a damaged ledger cannot answer says so like this, and commands tell it
    // (src/ledger/sqlite.h).
  }
  return 0;
}
