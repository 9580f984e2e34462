# Read by cpack for each kind of package. What makes it must be there: cpack itself would only say that something went
# wrong.
cmake_policy(SET CMP0109 NEW)  # found is what can be executed
function(need program package)
  find_program(found_${program} ${program})
  if(NOT found_${program})
    message(FATAL_ERROR "${program} is not installed, and makes packages of the kind ${CPACK_GENERATOR}: ${package}")
  endif()
endfunction()
if(CPACK_GENERATOR STREQUAL "DEB")
  need(dpkg-shlibdeps "on Debian and Ubuntu it is in the package dpkg-dev")
  # Of a cross build: dpkg-shlibdeps is told by nothing else whose libraries to ask.
  if(CPACK_DEBIAN_PACKAGE_ARCHITECTURE)
    set(ENV{DEB_HOST_ARCH} ${CPACK_DEBIAN_PACKAGE_ARCHITECTURE})
  endif()
elseif(CPACK_GENERATOR STREQUAL "RPM")
  need(rpmbuild "on Debian and Ubuntu it is in the package rpm, elsewhere in rpm-build")
endif()

# Its own components come along, those of other kinds do not.
list(GET CPACK_INSTALL_CMAKE_PROJECTS 0 1 tree)
set(CPACK_INSTALL_CMAKE_PROJECTS "${tree};Unspecified;/")
if(CPACK_GENERATOR STREQUAL "DEB")
  list(APPEND CPACK_INSTALL_CMAKE_PROJECTS "${tree};deb;/")
elseif(CPACK_GENERATOR STREQUAL "RPM")
  list(APPEND CPACK_INSTALL_CMAKE_PROJECTS "${tree};rpm;/")
elseif(CPACK_GENERATOR STREQUAL "TGZ")
  list(APPEND CPACK_INSTALL_CMAKE_PROJECTS "${tree};rpm;/" "${tree};opt;/")
endif()
