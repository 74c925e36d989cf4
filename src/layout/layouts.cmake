# Turns the built-in layouts into OUTRO_LAYOUTS_CPP, a source file that holds them as string literals.
# For the target that has src/layout:  include(layouts.cmake)
#                                       target_sources(TARGET PRIVATE ${OUTRO_LAYOUTS_CPP})

set(OUTRO_LAYOUTS_CPP "${CMAKE_BINARY_DIR}/generated/built_in_layouts.cpp")
set(outro_layouts_dir "${CMAKE_CURRENT_LIST_DIR}/layouts")

# configure_file watches its template only; the TOML has to be watched as well.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${outro_layouts_dir}/xiami.toml")
file(READ "${outro_layouts_dir}/xiami.toml" OUTRO_LAYOUT_XIAMI)
configure_file("${outro_layouts_dir}/embed.cpp.in" "${OUTRO_LAYOUTS_CPP}" @ONLY)
