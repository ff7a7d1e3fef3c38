// ports/cortex_m: the word in RAM that says where a running image has its vectors, for parts without VTOR (ARMv6-M).
// The layout's [ram] begins 32 bytes behind the start of RAM; these are the bootloader's also while an image runs.
#pragma once

#include "generated/board.hpp"

namespace sb::cortex_m {

inline constexpr std::uint32_t reserved_bytes = 32;
inline constexpr std::uint32_t forward_address = board::ram.address - reserved_bytes;
static_assert(board::ram.address % 0x100 == reserved_bytes, "the layout's [ram] leaves the bootloader its bytes");

}  // namespace sb::cortex_m
