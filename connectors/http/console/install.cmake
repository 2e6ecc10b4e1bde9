# Installs what package-lock.json pins: cmake -D NPM=... -D DIRECTORY=... -P install.cmake. From npm's cache where that has it.
execute_process(COMMAND ${NPM} ci --prefer-offline --no-progress --loglevel=error
  WORKING_DIRECTORY ${DIRECTORY} RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "The web console's build tools (esbuild, TypeScript, Preact; ${DIRECTORY}/package.json) could not be "
    "installed: npm said\n${said}\nIs the network there, and the npm registry? Try again, set npm's `registry` or `proxy`, or "
    "build without the page: cmake -D SLIPSTREAM_CONSOLE=OFF <build directory>.")
endif()
