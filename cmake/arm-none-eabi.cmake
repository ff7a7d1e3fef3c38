# Cross build without operating system, C++ runtime or heap; for the smallest target there is, a Cortex-M0, unless a preset
# names another processor in SB_CPU.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)  # there is nothing to link a program with

if(NOT SB_CPU)
  set(SB_CPU cortex-m0)
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SB_CPU)
set(sb_device_flags "-mcpu=${SB_CPU} -mthumb -ffreestanding -nostdlib -ffunction-sections -fdata-sections")
string(APPEND sb_device_flags " -fno-unwind-tables -fno-asynchronous-unwind-tables")
set(CMAKE_C_FLAGS_INIT "${sb_device_flags}")
set(CMAKE_CXX_FLAGS_INIT "${sb_device_flags} -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-use-cxa-atexit")
set(CMAKE_C_FLAGS_MINSIZEREL_INIT "-Os")
set(CMAKE_CXX_FLAGS_MINSIZEREL_INIT "-Os")
