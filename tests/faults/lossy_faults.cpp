#include "lossy_faults.h"

#include <cerrno>

namespace lossy {

void fault_plan::clear() {
  *this = {};
}

int fault_plan::check(const std::string& kind, const std::string& name, bool& half) {
  half = false;
  // SQLite's index of the log is memory that processes share, and no part of what is durable. The kernel
  // writes it when it likes, so counting it would make the n-th operation another one each time.
  if (name.ends_with("-shm")) return 0;
  if (!powered_) return EIO;
  ++counts_[kind];
  if (kind != "read" && kind != "open" && kind != "list" && ++changes_ == power_at_) {
    powered_ = false;
    hits_.push_back("power " + kind + " " + name);
    return EIO;
  }
  for (auto& r : rules_) {
    if (r.kind != kind || name.find(r.match) == name.npos) continue;
    ++r.seen;
    if (r.lasting ? r.seen < r.number : r.seen != r.number) continue;
    hits_.push_back(kind + " " + name);
    half = r.error == 0;
    return r.error;
  }
  return 0;
}

}  // namespace lossy
