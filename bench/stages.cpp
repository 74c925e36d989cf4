/// One benchmark for each stage of the job, over the same dumps of the standard workload. Every stage's
/// result is checked before it is timed. Bytes are bytes of JSON throughout, so that rates can be compared
/// and added up.
///
/// The three kernels that nobody can skip stand beside them: decode, one DOM parse, ZSTD_compress2 at
/// defaults.
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "archive/library.h"
#include "frame/framer.h"
#include "jobs/export/worker.h"
#include "layout/load.h"
#include "ledger/ledger.h"
#include "outro/pack_reader.h"
#include "sample.h"
#include "source/decoder.h"

namespace outro::bench {
namespace {

constexpr version_limits limits{.latest_ms = 1'800'000'000'000};

const layout& rules() {
  static const layout xiami = load_layout("xiami").value();
  return xiami;
}

void check(bool right, const char* what) {
  if (right) return;
  (void)std::fprintf(stderr, "bench: wrong result: %s\n", what);
  std::abort();
}

void count(benchmark::State& state, std::size_t bytes, std::size_t documents) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
  state.counters["documents/s"] =
      benchmark::Counter(static_cast<double>(state.iterations() * documents), benchmark::Counter::kIsRate);
}

void source_decode_zstd(benchmark::State& state) {
  const auto& s = standard_sample();
  std::string space(1 << 20, '\0');
  const auto decode = [&](auto each) {
    decoder d(compression::zstd);
    for (std::string_view raw = s.zst; !raw.empty();) each(d.decode(raw, space));
    return d.produced();
  };
  std::string all;
  check(decode([&](std::size_t n) { all.append(space, 0, n); }) == s.plain.size() && all == s.plain,
        "decode");
  for (auto _ : state) benchmark::DoNotOptimize(decode([](std::size_t) {}));
  count(state, s.plain.size(), s.framed.documents.size());
}
BENCHMARK(source_decode_zstd);

void frame_documents(benchmark::State& state) {
  const auto& s = standard_sample();
  const auto frame = [&] {
    framer f({});
    std::size_t documents = 0;
    constexpr std::size_t read = 1 << 20;
    const auto take = [&] {
      for (const auto& b : f.take()) documents += b.documents.size();
    };
    for (std::size_t at = 0; at < s.plain.size(); at += read) {
      const auto n = std::min(read, s.plain.size() - at);
      std::memcpy(f.room(n).data(), s.plain.data() + at, n);
      f.filled(n);
      take();
    }
    f.end_shard({}, s.plain.size());
    f.end_unit();
    take();
    return documents;
  };
  check(frame() == s.framed.documents.size(), "frame");
  for (auto _ : state) benchmark::DoNotOptimize(frame());
  count(state, s.plain.size(), s.framed.documents.size());
}
BENCHMARK(frame_documents);

void account_find_tokens(benchmark::State& state) {
  const auto& s = standard_sample();
  token_finder tokens;
  for (std::size_t i = 0; i < s.framed.documents.size(); ++i)
    check(tokens.find(document(s, i)) == reason::none, "tokens");
  for (auto _ : state)
    for (std::size_t i = 0; i < s.framed.documents.size(); ++i)
      benchmark::DoNotOptimize(tokens.find(document(s, i)));
  count(state, s.plain.size(), s.framed.documents.size());
}
BENCHMARK(account_find_tokens);

void account_read(benchmark::State& state) {
  const auto& s = standard_sample();
  document_reader reader(rules(), limits);
  account_view view;
  for (std::size_t i = 0; i < s.framed.documents.size(); ++i)
    check(reader.read(document(s, i), view) == reason::none && !view.account.empty(), "read");
  for (auto _ : state)
    for (std::size_t i = 0; i < s.framed.documents.size(); ++i)
      benchmark::DoNotOptimize(reader.read(document(s, i), view));
  count(state, s.plain.size(), s.framed.documents.size());
}
BENCHMARK(account_read);

/// The sample's documents, read; a redacted one lives in its reader, so each keeps its own.
struct reading {
  document_reader reader{rules(), limits};
  account_view view;
};

std::vector<std::unique_ptr<reading>> readings() {
  const auto& s = standard_sample();
  std::vector<std::unique_ptr<reading>> all;
  for (std::size_t i = 0; i < s.framed.documents.size(); ++i) {
    all.push_back(std::make_unique<reading>());
    check(all[i]->reader.read(document(s, i), all[i]->view) == reason::none, "read");
  }
  return all;
}

void tracks_find_recordings(benchmark::State& state) {
  const auto& s = standard_sample();
  const auto all = readings();
  recording_finder finder(rules(), std::make_shared<track_memory>(track_memory_for(1ULL << 30, false)));
  for (const auto& r : all) {
    finder.find(r->view);
    check(finder.of_row.size() == r->view.rows.size() && finder.count <= r->view.rows.size(), "recordings");
  }
  for (auto _ : state)
    for (const auto& r : all) finder.find(r->view);
  count(state, s.plain.size(), all.size());
}
BENCHMARK(tracks_find_recordings);

void archive_render(benchmark::State& state) {
  const auto& s = standard_sample();
  const auto all = readings();
  archive_writer writer(rules(), 3, "recipe");
  archive_facts facts;
  for (const auto& r : all) {
    const auto& v = r->view;
    std::string restored;
    check(read_tar(
              writer.render(v, facts),
              [&](const tar_member& m) {
                return m.path.ends_with("/library.json")
                           ? restore_document(m.content, v.document.size(), restored)
                           : status{};
              }).ok() &&
              restored == v.document,
          "render");
  }
  for (auto _ : state)
    for (const auto& r : all) benchmark::DoNotOptimize(writer.render(r->view, facts).size());
  count(state, s.plain.size(), all.size());
}
BENCHMARK(archive_render);

void archive_restore(benchmark::State& state) {
  const auto& s = standard_sample();
  const auto all = readings();
  std::vector<buffer> libraries;
  for (const auto& r : all) append_library(libraries.emplace_back(), r->view);
  std::string out;
  const auto restore = [&](std::size_t i) {
    out.clear();
    return restore_document(libraries[i].view(), all[i]->view.document.size(), out).ok();
  };
  for (std::size_t i = 0; i < libraries.size(); ++i)
    check(restore(i) && out == all[i]->view.document, "restore");
  for (auto _ : state)
    for (std::size_t i = 0; i < libraries.size(); ++i) benchmark::DoNotOptimize(restore(i));
  count(state, s.plain.size(), libraries.size());
}
BENCHMARK(archive_restore);

/// A worker of a first run.
worker make_worker(int level) {
  return {rules(),
          {.limits = limits, .level = level, .recipe_id = "recipe", .catalogue = false, .crash_on = {}},
          std::make_shared<track_memory>(track_memory_sizes{})};
}

block_result archived(worker& w, const block& input, stage_clock& clock) {
  block_progress at{.granted = max_tar_bytes};
  block_result out;
  w.archive(input, at, clock, out);
  check(at.next == input.documents.size(), "every document");
  return out;
}

/// A block through a worker: what one core of the job does after decoding and framing.
void job_work(benchmark::State& state) {
  const auto& s = standard_sample();
  auto w = make_worker(static_cast<int>(state.range(0)));
  stage_times times{};
  stage_clock clock(times);
  const auto result = archived(w, s.framed, clock);
  check(result.frames.size() == s.framed.documents.size(), "work");
  for (auto _ : state) benchmark::DoNotOptimize(archived(w, s.framed, clock).archives.size());
  count(state, s.plain.size(), s.framed.documents.size());
  state.counters["output/input"] =
      static_cast<double>(result.archives.size()) / static_cast<double>(s.plain.size());
}
BENCHMARK(job_work)->Arg(1)->Arg(3)->Arg(6);

void pack_slice_record(benchmark::State& state) {
  const auto& s = standard_sample();
  auto w = make_worker(3);
  stage_times times{};
  stage_clock clock(times);
  slice_record record;
  record.documents = archived(w, s.framed, clock).documents;
  const auto back = decode_slice_record(encode(record));
  check(back && back->documents == record.documents, "slice record");
  for (auto _ : state) benchmark::DoNotOptimize(encode(record).size());
  count(state, s.plain.size(), record.documents.size());
}
BENCHMARK(pack_slice_record);

void ledger_commit(benchmark::State& state) {
  const auto& s = standard_sample();
  auto w = make_worker(3);
  stage_times times{};
  stage_clock clock(times);
  slice_commit commit;
  commit.record.id = {1, 1, 0};
  commit.record.documents = archived(w, s.framed, clock).documents;
  char folder[] = "/tmp/outro-bench-XXXXXX";
  check(::mkdtemp(folder) != nullptr, "mkdtemp");
  auto books = ledger::open(std::filesystem::path(folder) / "ledger.sqlite", database::access::create);
  run_row run;
  run.run = 1;
  check(books && books->begin_run(run, {}).ok(), "begin run");
  for (auto _ : state) {
    ++commit.record.id.number;
    check(books->commit_slice(commit).ok(), "commit");
  }
  check(books->books_of(1).documents == commit.record.id.number * commit.record.documents.size(), "books");
  count(state, s.plain.size(), commit.record.documents.size());
  std::filesystem::remove_all(folder);
}
BENCHMARK(ledger_commit);

void kernel_decode(benchmark::State& state) {
  const auto& s = standard_sample();
  std::string space(1 << 20, '\0');
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  for (auto _ : state) {
    ZSTD_inBuffer in{s.zst.data(), s.zst.size(), 0};
    while (in.pos < in.size) {
      ZSTD_outBuffer out{space.data(), space.size(), 0};
      check(ZSTD_isError(ZSTD_decompressStream(context.get(), &out, &in)) == 0, "decode");
    }
  }
  count(state, s.plain.size(), s.framed.documents.size());
}
BENCHMARK(kernel_decode);

void kernel_dom(benchmark::State& state) {
  const auto& s = standard_sample();
  simdjson::dom::parser parser;
  for (auto _ : state)
    for (std::size_t i = 0; i < s.framed.documents.size(); ++i) {
      const auto d = document(s, i);
      // Some dumps hold what the DOM refuses (integers of 30 digits); it has read them by then all the same.
      benchmark::DoNotOptimize(parser.parse(d.data(), d.size(), false).error());
    }
  count(state, s.plain.size(), s.framed.documents.size());
}
BENCHMARK(kernel_dom);

void kernel_compress(benchmark::State& state) {
  const auto& s = standard_sample();
  std::vector<std::string> tars;
  archive_writer writer(rules(), 3, "recipe");
  archive_facts facts;
  for (const auto& r : readings()) tars.emplace_back(writer.render(r->view, facts));
  const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, 3);
  std::string out;
  for (auto _ : state)
    for (const auto& tar : tars) {
      out.resize(std::max(out.size(), ZSTD_compressBound(tar.size())));
      check(ZSTD_isError(ZSTD_compress2(context.get(), out.data(), out.size(), tar.data(), tar.size())) == 0,
            "compress");
    }
  count(state, s.plain.size(), tars.size());
}
BENCHMARK(kernel_compress);

}  // namespace
}  // namespace outro::bench

BENCHMARK_MAIN();
