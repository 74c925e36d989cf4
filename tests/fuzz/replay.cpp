// A main for fuzz targets where there is no libFuzzer: runs files, and a fixed number of mutations of them,
// the same ones every time. What it finds, it leaves in the file that it names.
//
// usage: replay MUTATIONS FILE-OR-DIRECTORY...
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "fuzz/fuzzing.h"

namespace {

namespace fs = std::filesystem;

/// The input that runs, for the handler of the signal that it ends with.
const std::string* running = nullptr;

void keep_input(int signal) {
  const char name[] = "replay-failed-input";
  if (std::FILE* file = running == nullptr ? nullptr : std::fopen(name, "wb")) {
    (void)std::fwrite(running->data(), 1, running->size(), file);
    (void)std::fclose(file);
    (void)std::fprintf(stderr, "replay: the input is kept in %s/%s\n", fs::current_path().c_str(), name);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run(const std::string& input) {
  running = &input;
  // A copy of its exact size, so that a sanitizer sees a read behind it.
  const std::vector<std::uint8_t> exact(input.begin(), input.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  running = nullptr;
}

std::vector<std::string> read_inputs(const std::vector<fs::path>& places) {
  std::vector<fs::path> files;
  for (const auto& place : places) {
    if (!fs::is_directory(place)) {
      files.push_back(place);
      continue;
    }
    for (const auto& e : fs::directory_iterator(place)) files.push_back(e.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> inputs;
  for (const auto& path : files) {
    std::ifstream in(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return inputs;
}

/// A few changes: bits, bytes, runs that go, come twice, or come from another input.
std::string mutated(std::string text, const std::vector<std::string>& inputs, std::mt19937_64& random) {
  const auto below = [&random](std::size_t n) { return n == 0 ? 0 : random() % n; };
  for (auto changes = 1 + below(4); changes > 0; --changes) {
    const auto at = below(text.size() + 1), length = below(1 + below(64));
    switch (below(6)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ 1 << below(8));
        break;
      case 1:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
        break;
      case 2:
        text.erase(at, length);
        break;
      case 3:
        text.insert(at, text.substr(at, length));
        break;
      case 4:
        text.insert(at, 1, "{}[]\",:\\0-\n\xff"[below(13)]);
        break;
      default: {
        const auto& other = inputs[below(inputs.size())];
        text.insert(at, other.substr(below(other.size() + 1), length));
      }
    }
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE}) std::signal(signal, keep_input);
  const auto mutations = std::strtoull(argv[1], nullptr, 10);
  const auto inputs = read_inputs(std::vector<fs::path>(argv + 2, argv + argc));
  for (const auto& input : inputs) run(input);
  std::mt19937_64 random(1);
  for (std::uint64_t i = 0; i < mutations && !inputs.empty(); ++i)
    run(mutated(inputs[random() % inputs.size()], inputs, random));
  std::printf("%zu inputs and %llu mutations\n", inputs.size(), static_cast<unsigned long long>(mutations));
  return inputs.empty() ? 1 : 0;
}
