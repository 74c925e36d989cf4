/// Files of personal data, even if invented: 0600, in directories of 0700; every write and close is checked.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace outro::generate {

/// Empty when all went well, else one line for the user.
using failure = std::string;

class output_file {
 public:
  output_file() = default;
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;
  ~output_file();

  /// Creates the file, which must not exist.
  [[nodiscard]] failure open(const std::filesystem::path& path);
  [[nodiscard]] failure write(std::string_view bytes);
  [[nodiscard]] failure close();
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

 private:
  [[nodiscard]] failure describe(std::string_view what, int error) const;

  int descriptor_ = -1;
  std::filesystem::path path_;
};

/// A file of lines, collected in memory and written in large pieces.
class line_file {
 public:
  [[nodiscard]] failure open(const std::filesystem::path& path) { return file_.open(path); }
  [[nodiscard]] failure add(std::string_view line);
  [[nodiscard]] failure close();

 private:
  output_file file_;
  std::string pending_;
};

/// Makes DIR, DIR/dumps and DIR/truth. Refuses a directory that is not empty (`refused` is set), unless
/// `force` is given, which removes the files of an earlier run of this program, and nothing else.
[[nodiscard]] failure prepare_directory(const std::filesystem::path& directory, bool force, bool& refused);

}  // namespace outro::generate
