# Read by cpack for each kind of package: its own components come along, those of other kinds do not.
list(GET CPACK_INSTALL_CMAKE_PROJECTS 0 1 tree)
set(CPACK_INSTALL_CMAKE_PROJECTS "${tree};Unspecified;/")
if(CPACK_GENERATOR STREQUAL "DEB")
  list(APPEND CPACK_INSTALL_CMAKE_PROJECTS "${tree};deb;/")
elseif(CPACK_GENERATOR STREQUAL "RPM")
  list(APPEND CPACK_INSTALL_CMAKE_PROJECTS "${tree};rpm;/")
endif()
