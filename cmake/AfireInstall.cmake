# install and export: find_package(afire 0.1 COMPONENTS onednn png)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(config_dir ${CMAKE_INSTALL_DATADIR}/cmake/afire)
install(TARGETS afire EXPORT afireTargets)
install(EXPORT afireTargets NAMESPACE afire:: DESTINATION ${config_dir})
install(DIRECTORY include/afire DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
configure_package_config_file(cmake/afireConfig.cmake.in afireConfig.cmake INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(afireConfigVersion.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/afireConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/afireConfigVersion.cmake
              cmake/AfireComponents.cmake DESTINATION ${config_dir})
