#include "account/content_digest.h"

#include <algorithm>

#include "account/value_text.h"

namespace outro {

namespace {

/// Stand for what is taken out. No legal document has these bytes, so two contents give one text only where
/// they are the same.
constexpr char row_mark = '\0', volatile_mark = '\1';

/// What a volatile value leaves: its type, because a change of that is a change.
char type_of(char first) {
  if (first == '-' || (first >= '0' && first <= '9')) return '0';
  return first == 'f' ? 't' : first;  // a boolean is a boolean
}

/// Appends [from, to), if it is not empty.
void append(std::string& out, std::string_view document, std::size_t from, std::size_t to) {
  if (to > from) out.append(document.substr(from, to - from));
}

/// Appends [from, to) without the spans, which are cut from their order of begins and may lie in each other.
/// Returns where it ended: `to`, or behind a span that goes beyond it.
std::size_t append_cut(std::string& out, std::string_view document, std::size_t from, std::size_t to,
                       const span_of*& cut, const span_of* last) {
  for (; cut != last && cut->begin < to; ++cut) {
    append(out, document, from, cut->begin);
    if (cut->begin >= from) out.append({volatile_mark, type_of(document[cut->begin])});
    from = std::max<std::size_t>(from, cut->begin + cut->length);
  }
  append(out, document, from, to);
  return std::max(from, to);
}

void sort_spans(std::vector<span_of>& spans) {
  std::sort(spans.begin(), spans.end(),
            [](auto a, auto b) { return a.begin != b.begin ? a.begin < b.begin : a.length > b.length; });
}

}  // namespace

content_digester::content_digester(const layout& rules, std::shared_ptr<digest_memory> memory)
    : slots_(rules.slots.size()), memory_(std::move(memory)) {
  for (const auto& node : rules.track)
    if (node.is_volatile && node.slot != no_index) volatile_slots_.push_back(node.slot);
}

digest128 content_digester::digest_of_row(const account_view& view, std::size_t row) {
  const auto& r = view.rows[row];
  cut_.clear();
  for (const auto slot : volatile_slots_)
    if (const auto at = view.field(row, slot, slots_); at != 0) {
      const char* const value = view.document.data() + at;
      cut_.push_back({at, static_cast<std::uint32_t>(value_end(value) - value)});
    }
  if (cut_.empty()) {
    sha_.update(view.row_bytes(row));
    return sha_.finish_short();
  }
  sort_spans(cut_);
  scratch_.clear();
  const auto* cut = cut_.data();
  append_cut(scratch_, view.document, r.begin, r.begin + std::size_t{r.length}, cut, cut + cut_.size());
  sha_.update(scratch_);
  return sha_.finish_short();
}

void content_digester::digest_rows(account_view& view) {
  const auto n = view.rows.size();
  view.row_digests.resize(n);
  if (memory_)
    for (const auto& object : view.row_hashes) memory_->prefetch(object);
  for (std::size_t row = 0; row < n; ++row) {
    auto& digest = view.row_digests[row];
    if (memory_ && memory_->find(view.row_hashes[row], digest)) continue;
    digest = digest_of_row(view, row);
    if (memory_) memory_->remember(view.row_hashes[row], digest);
  }
}

void content_digester::digest(account_view& view) {
  digest_rows(view);
  sort_spans(view.volatiles);
  scratch_.clear();
  std::size_t from = 0;
  const auto* cut = view.volatiles.data();
  const auto* const last_cut = cut + view.volatiles.size();
  for (const auto& ref : view.refs) {
    if (ref.begin < from) continue;  // inside a volatile value
    from = append_cut(scratch_, view.document, from, ref.begin, cut, last_cut);
    if (ref.begin < from) continue;
    scratch_ += row_mark;
    scratch_.append(view.row_digests[ref.row].view());
    from = ref.begin + view.rows[ref.row].length;
  }
  append_cut(scratch_, view.document, from, view.document.size(), cut, last_cut);
  sha_.update(scratch_);
  view.content_digest = sha_.finish_short();
  constexpr std::size_t kept = 16U << 20;
  if (scratch_.capacity() > kept) give_back(scratch_);
}

}  // namespace outro
