// Ledgers made by somebody else: every query of list, extract and verify answers or fails, without a crash
// and without memory or time that the file alone decides.
#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "fuzz/fuzzing.h"
#include "ledger/ledger.h"

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
  (void)books.newest_before(2, {"5", "6"});
  (void)books.shard_path(1, 1, 0);
  (void)books.current_accounts();
  (void)books.roster();
}

}  // namespace
}  // namespace outro

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outro;
  static const ledger_file file;
  const auto path = file.write({reinterpret_cast<const char*>(data), size});
  try {
    auto books = ledger::open(path, database::access::frozen);
    if (books) query(*books);
  } catch (const std::runtime_error&) {
    // A query that a damaged ledger cannot answer says so like this, and commands tell it
    // (src/ledger/sqlite.h).
  }
  return 0;
}
