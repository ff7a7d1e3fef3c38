// bench/cost: a Cortex-M that counts, emulated by Unicorn. The guest's blocks of instructions are seen as they are
// entered, so the count is exact and the same each time; what it took by function comes from the same counters.
#pragma once

#include <unicorn/unicorn.h>

#include <map>
#include <span>

#include "bench/cost/guest/job.hpp"
#include "bench/cost/program.hpp"

namespace sb::cost {

enum class Core { m0, m4 };

struct Counted {
    guest::Job job{};
    std::uint64_t instructions = 0;
    std::uint32_t stack_bytes = 0;
    std::vector<std::uint8_t> made;                  ///< the new image, as far as it was made
    std::map<std::string, std::uint64_t> functions;  ///< instructions by function
    std::map<std::uint32_t, std::uint64_t> places;   ///< how often each instruction ran, by its address
    std::map<std::string, std::uint64_t> helpers;    ///< of that, in the C library and the compiler's, by who called
};

/// Runs the guest's decoder on one patch. An instruction of an IT block whose condition fails counts as the others do:
/// it takes its cycle. Throws std::runtime_error when the guest does what its core cannot.
[[nodiscard]] Counted count_decoding(const Program& guest, Core core, std::span<const std::uint8_t> old_image,
                                     std::span<const std::uint8_t> patch, std::uint32_t new_bytes);

}  // namespace sb::cost
