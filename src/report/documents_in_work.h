/// @file
/// Which documents are worked on now, and which of them for too long. Workers note what they begin with a few
/// stores, and read no clock; who watches them reads these notes from time to time and tells the time.
#pragma once

#include <atomic>
#include <boost/json/fwd.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/stage_clock.h"
#include "frame/block.h"

namespace outro {

/// One thread's document. The thread writes; any other may look.
class document_in_work {
 public:
  struct seen {
    std::uint64_t number = 0;  ///< of the thread's documents, from 1: tells one from the next
    std::uint32_t unit = 0;
    document_place place;
    std::uint64_t length = 0;
    outro::stage stage = outro::stage::read;
  };
  /// From its constructor to its destructor the document is in work.
  class scope {
   public:
    scope(document_in_work& of, std::uint32_t unit, const document_place& place, std::uint64_t length)
        : of_(of) {
      of.begins(unit, place, length);
    }
    ~scope() { of_.number_.store(0, std::memory_order_relaxed); }
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;

   private:
    document_in_work& of_;
  };

  /// Nothing between two documents, or where one ends while it is read.
  [[nodiscard]] std::optional<seen> look() const;
  /// For the stage clock of the thread's tasks.
  [[nodiscard]] std::atomic<stage>& stage_now() { return stage_; }

 private:
  void begins(std::uint32_t unit, const document_place& place, std::uint64_t length);

  std::uint64_t begun_ = 0;               ///< the thread's alone
  std::atomic<std::uint64_t> number_{0};  ///< 0: none; the other notes are of it while it stays the same
  std::atomic<std::uint32_t> unit_{0}, shard_{0};
  std::atomic<std::uint64_t> offset_{0}, line_{0}, length_{0};
  std::atomic<stage> stage_{stage::read};
};

/// Those of all threads.
class documents_in_work {
 public:
  /// For a thread that begins; lives as long as this.
  document_in_work& add();
  /// By thread, what it works on.
  [[nodiscard]] std::map<std::size_t, document_in_work::seen> look() const;

 private:
  mutable std::mutex mutex_;
  std::deque<document_in_work> threads_;
};

/// A document that has been in work for long.
struct slow_document {
  std::string file;        ///< the shard's path, or the name of a pack
  std::uint32_t unit = 0;  ///< 0: a pack's
  std::uint64_t offset = 0, line = 0, bytes = 0;
  std::string stage;
  std::int64_t since_ms = 0;  ///< when it was first seen in work, since 1970
};

/// What is said of it, in one line.
std::string text_of(const slow_document& d, std::int64_t now_ms);
/// The same for programs.
boost::json::object fields_of(const slow_document& d, std::int64_t now_ms);

/// Finds documents that are in work for longer than a limit. Used on one thread.
class slow_watch {
 public:
  explicit slow_watch(std::int64_t limit_ms) : limit_ms_(limit_ms) {}

  struct found {
    document_in_work::seen document;
    std::int64_t since_ms = 0;
    bool is_new = false;  ///< found for the first time
  };
  /// Call about twice a second; `now_ms` since 1970.
  std::vector<found> look(const documents_in_work& in_work, std::int64_t now_ms);

 private:
  struct known {
    std::uint64_t number = 0;
    std::int64_t since_ms = 0;
    bool told = false;
  };
  std::int64_t limit_ms_;
  std::map<std::size_t, known> threads_;
};

}  // namespace outro
