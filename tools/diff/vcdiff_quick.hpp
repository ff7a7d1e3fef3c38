// tools/diff: carries out the instructions of a VCDIFF window whose sections are whole in memory. A host needs not wait
// for bytes as core/delta's interpreter does, and has room for tables: it takes half the interpreter's time. What it
// makes and what it refuses are the same; a test holds the two against each other.
#pragma once

#include "core/base/reader.hpp"
#include "core/delta/vcdiff_cache.hpp"
#include "core/delta/vcdiff_interpreter.hpp"

namespace sb::diff {

class VcdiffQuick {
public:
    VcdiffQuick();

    /// Begins a window, as VcdiffInterpreter::begin(). `left` are its sections; where they are `interleaved` all stands
    /// among the instructions. Requires: all outlive the window.
    void begin(const VcdiffWindow& window, Reader& source, std::uint8_t* target, const VcdiffSections& left,
               bool interleaved);

    /// Carries out instructions until `bytes` more are made, or all are carried out: then the window is whole.
    /// Errors: malformed when a section is too short or too long, or the target is not filled; bad_patch (an address or
    /// a size beyond its bounds), too_large, those of the source's reader.
    [[nodiscard]] Result<void> make(std::uint32_t bytes);
    [[nodiscard]] bool whole() const { return codes_.empty(); }
    /// How many of the target's bytes are made.
    [[nodiscard]] std::uint32_t made() const { return made_; }

private:
    [[nodiscard]] Result<void> carry_out(VcdiffInstruction instruction);
    [[nodiscard]] Result<void> add(std::uint32_t bytes);
    [[nodiscard]] Result<void> run(std::uint32_t bytes);
    [[nodiscard]] Result<void> copy(unsigned mode, std::uint32_t bytes);
    [[nodiscard]] Result<std::uint32_t> address(unsigned mode);
    void copy_made(std::uint32_t from, std::uint32_t bytes);
    void put(const std::uint8_t* from, std::uint32_t bytes, bool few_are_safe);

    std::array<VcdiffPair, 256> table_;
    std::array<std::uint32_t, vcdiff_near> near_{};
    std::array<std::uint32_t, vcdiff_same_cells> same_{};
    unsigned next_near_ = 0;
    const VcdiffWindow* window_ = nullptr;
    Reader* source_ = nullptr;
    std::uint8_t* target_ = nullptr;
    std::uint32_t made_ = 0;
    Bytes codes_;
    Bytes apart_data_;  // where they do not stand among the codes
    Bytes apart_addresses_;
    Bytes* data_ = nullptr;
    Bytes* addresses_ = nullptr;
};

}  // namespace sb::diff
