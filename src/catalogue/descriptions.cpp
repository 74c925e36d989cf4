#include "catalogue/descriptions.h"

#include <algorithm>

namespace outro {

wanted_description wanted_of(const catalogue_table& table, std::uint32_t variant) {
  const auto& v = table.variant_at(variant);
  return {v.run, v.index, v.content, {}};
}

status read_fields(std::span<wanted_description> all, std::span<const catalogue_run> runs,
                   std::vector<std::string>& texts) {
  texts.reserve(texts.size() + runs.size());  // so that no text moves
  std::vector<std::uint32_t> ends(runs.size() + 1);
  for (const auto& w : all) ++ends[w.run + 1];
  for (std::size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
  std::vector<wanted_description*> by_run(all.size());
  for (auto& w : all) by_run[ends[w.run]++] = &w;
  for (std::size_t i = 0; i < by_run.size();) {
    const auto number = by_run[i]->run;
    const auto& run = runs[number];
    const auto end = std::size_t{ends[number]};
    auto first = by_run[i]->index, last = first;
    for (auto k = i; k < end; ++k) {
      first = std::min(first, by_run[k]->index);
      last = std::max(last, by_run[k]->index);
    }
    const auto heads = read_heads(run, first, last + std::uint64_t{1});
    if (!heads) return heads.error();
    const std::uint64_t begin = heads->front().text_begin;
    const auto& h = heads->back();
    const auto stop = h.text_begin + h.text_length();
    if (stop < begin) return damaged_part(run);
    auto text = read_texts(run, begin, stop - begin);
    if (!text) return text.error();
    const std::string_view bytes = texts.emplace_back(std::move(*text));
    for (; i < end; ++i) {
      auto& w = *by_run[i];
      const auto& head = (*heads)[w.index - first];
      if (head.text_begin < begin || head.text_begin + head.text_length() > stop) return damaged_part(run);
      const auto whole = bytes.substr(head.text_begin - begin, head.text_length());
      // These heads are some of many, whose digest is not checked again.
      if (head.content != w.content || head.check != check_of(w.content, whole)) return damaged_part(run);
      w.fields = whole.substr(head.id_length);
    }
  }
  return {};
}

}  // namespace outro
