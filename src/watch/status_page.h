/// @file
/// The page that shows a run: served while the run lives, and kept as OUT/report.html after it. It is one
/// file that loads nothing else; the served page polls status.json.
#pragma once

#include <string>
#include <string_view>

namespace outro {

/// Embedded at build from src/watch/page.
struct page_parts {
  std::string_view html, css, js;
};
page_parts embedded_page();

/// The page with its data (JSON, see watch/watch_state.h) in it.
std::string status_page(std::string_view data);

/// The data in a page of status_page, as a part of `page`; empty where there is none.
std::string_view data_of_page(std::string_view page);

/// The Content-Security-Policy that the page is served with: its own style and script by their hashes, and no
/// requests but to where it came from.
std::string status_page_policy();

}  // namespace outro
