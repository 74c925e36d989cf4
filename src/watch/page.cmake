# Turns src/watch/page into OUTRO_PAGE_CPP, a source file that holds the status page as string literals.

set(OUTRO_PAGE_CPP "${CMAKE_BINARY_DIR}/generated/status_page_parts.cpp")
foreach(part html css js)
  set(outro_page_file "${CMAKE_CURRENT_LIST_DIR}/page/page.${part}")
  # configure_file watches its template only; the parts have to be watched as well.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${outro_page_file}")
  file(READ "${outro_page_file}" outro_page_text)
  string(TOUPPER ${part} outro_page_part)
  set(OUTRO_PAGE_${outro_page_part} "${outro_page_text}")
endforeach()
configure_file("${CMAKE_CURRENT_LIST_DIR}/page/embed.cpp.in" "${OUTRO_PAGE_CPP}" @ONLY)
