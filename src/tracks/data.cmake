# Turns the lists of names and words in src/tracks/data into OUTRO_WORD_LISTS_CPP, a source file that holds each one as
# a string named after its file.
# For the target that has src/tracks:  include(data.cmake)
#                                      target_sources(TARGET PRIVATE ${OUTRO_WORD_LISTS_CPP})

set(outro_word_lists
    album_endings.txt
    album_words.tsv
    generic_words.txt
    joining_words.txt
    languages.tsv
    names_with_separators.txt
    nobodies.txt
    title_endings.tsv
    version_words.tsv
    weak_words.tsv)

set(OUTRO_WORD_LISTS_CPP "${CMAKE_BINARY_DIR}/generated/word_lists.cpp")
set(outro_word_lists_dir "${CMAKE_CURRENT_LIST_DIR}/data")

set(OUTRO_WORD_LISTS "")
foreach(file IN LISTS outro_word_lists)
  # configure_file watches its template only; the lists have to be watched as well.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${outro_word_lists_dir}/${file}")
  file(READ "${outro_word_lists_dir}/${file}" text)
  get_filename_component(name "${file}" NAME_WE)
  string(APPEND OUTRO_WORD_LISTS "const std::string_view ${name} = R\"outro_list(${text})outro_list\";\n\n")
endforeach()
configure_file("${outro_word_lists_dir}/embed.cpp.in" "${OUTRO_WORD_LISTS_CPP}" @ONLY)
