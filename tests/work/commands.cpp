/// Runs commands of `outro`, each in a process forked from this one, so that what counts this process's
/// instructions (valgrind) counts each command alone: what is paid once in a process, for tables of letters
/// and the counter's own work on the program, is paid here.
///
/// Standard input: one command a line, its words divided by tabs; before them a file for all that it says.
/// Those before the first empty line run in this process, and are not counted.
/// Standard output: for each of the others, its process and its exit code.
#include <fcntl.h>
#include <oneapi/tbb/global_control.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/program.h"

namespace {

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream in(line);
  for (std::string word; std::getline(in, word, '\t');) words.push_back(word);
  return words;
}

void say_into(const std::string& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0 || ::dup2(fd, STDOUT_FILENO) < 0 || ::dup2(fd, STDERR_FILENO) < 0) std::abort();
  (void)::close(fd);
}

int run(std::vector<std::string> words) {
  say_into(words.front());
  words.front() = "outro";
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  return outro::run_program(static_cast<int>(argv.size()), argv.data());
}

}  // namespace

int main() {
  const int answers = ::dup(STDOUT_FILENO);
  {
    tbb::task_scheduler_handle workers(tbb::attach{});
    for (std::string line; std::getline(std::cin, line) && !line.empty();)
      if (run(words_of(line)) != 0) return 1;
    // The workers must be gone before the first fork: a child would have none of them, and wait for them.
    tbb::finalize(workers);
  }
  for (std::string line; std::getline(std::cin, line);) {
    const auto child = ::fork();
    if (child < 0) return 1;
    if (child == 0) std::exit(run(words_of(line)));
    int state = 0;
    if (::waitpid(child, &state, 0) != child) return 1;
    if (::dprintf(answers, "%d %d\n", child, WIFEXITED(state) ? WEXITSTATUS(state) : -1) < 0) return 1;
  }
}
