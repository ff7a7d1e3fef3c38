// tests/stack: two versions of a made-up program, of any size, the same in every run: functions of common and rare
// instructions that call each other by address. In the new version some functions changed and some are new, so code
// moves and every call across the movement differs, as after a compiler.
#pragma once

#include <random>
#include <vector>

#include "core/base/bytes.hpp"

namespace sb::stack {

struct ProgramPair {
    std::vector<std::uint8_t> old_program;
    std::vector<std::uint8_t> new_program;
};

namespace program {

/// One instruction: 16 bits as they are, or a call of another function.
struct Instruction {
    std::uint16_t bits;
    bool calls;  ///< the function numbered `bits`
};
using Function = std::vector<Instruction>;

inline Function make_function(std::mt19937& random, std::size_t functions) {
    Function made(40 + random() % 120);
    for (Instruction& instruction : made) {
        const auto kind = random() % 16;
        const auto value = static_cast<std::uint16_t>(random());
        if (kind == 0) {
            instruction = {static_cast<std::uint16_t>(value % functions), true};
        } else if (kind < 5) {
            instruction = {value, false};
        } else {
            instruction = {static_cast<std::uint16_t>(0x4600 + value % 24 * 8), false};
        }
    }
    return made;
}

/// The functions one after the other, cut to `bytes`.
inline std::vector<std::uint8_t> link(const std::vector<Function>& functions, std::size_t bytes) {
    std::vector<std::uint32_t> starts;
    std::uint32_t at = 0;
    for (const Function& function : functions) {
        starts.push_back(at);
        for (const Instruction& instruction : function) at += instruction.calls ? 4 : 2;
    }
    std::vector<std::uint8_t> linked;
    for (const Function& function : functions) {
        for (const Instruction& instruction : function) {
            const std::uint32_t bits = instruction.calls ? starts[instruction.bits] : instruction.bits;
            for (int shift = 0; shift < (instruction.calls ? 32 : 16); shift += 8) {
                linked.push_back(static_cast<std::uint8_t>(bits >> shift));
            }
        }
    }
    linked.resize(bytes);
    return linked;
}

}  // namespace program

/// Both programs have `bytes` bytes.
[[nodiscard]] inline ProgramPair make_program_pair(std::size_t bytes) {
    std::mt19937 random(1);  // its sequence is the same everywhere
    const std::size_t count = bytes / 170 + 2;
    std::vector<program::Function> functions;
    functions.reserve(count);
    for (std::size_t i = 0; i < count; ++i) functions.push_back(program::make_function(random, count));
    ProgramPair pair;
    pair.old_program = program::link(functions, bytes);
    for (std::size_t i = 0; i < count; i += 23) functions[i] = program::make_function(random, count);
    pair.new_program = program::link(functions, bytes);
    return pair;
}

}  // namespace sb::stack
