// bench/cost/guest: what the host asks of the guest and reads back. Both run on little-endian machines with the same
// layout: nothing but words of 32 bits.
#pragma once

#include <cstdint>

namespace sb::guest {

/// Where the host puts the images; the guest's own code and data lie as guest.ld says.
inline constexpr std::uint32_t old_image_at = 0x60000000;
inline constexpr std::uint32_t patch_at = 0x68000000;
inline constexpr std::uint32_t new_image_at = 0x70000000;
/// What is handed to one call of decode(): a page of the slot writer.
inline constexpr std::uint32_t page_bytes = 1024;

enum class Status : std::uint32_t {
    unknown = 0,  ///< the guest has not come to its end
    done = 1,
    no_preamble,  ///< not a patch of this format
    no_decoder,   ///< the decoder does not take this patch: another budget, another architecture
    refused,      ///< decode() ended with an error
    stuck,        ///< neither input nor output moved
    not_whole     ///< the patch ended before the image did
};

struct Job {
    std::uint32_t old_bytes;
    std::uint32_t patch_bytes;
    std::uint32_t new_bytes;
    Status status;
    std::uint32_t error;          ///< the Error of `refused`
    std::uint32_t produced;       ///< bytes of the new image
    std::uint32_t decoder_bytes;  ///< RAM: the decoder object, its tables and its work memory
};

}  // namespace sb::guest
