// core/delta: carries out the instructions of one VCDIFF window (RFC 3284, section 5). Its bytes come from three
// sections, or from one where they are interleaved: the interpreter says whose byte it wants next and takes them in
// pieces of any size. Devices and the host's tools run this same code.
#pragma once

#include "core/base/reader.hpp"
#include "core/delta/vcdiff_cache.hpp"
#include "core/delta/vcdiff_header.hpp"
#include "core/delta/vcdiff_table.hpp"

namespace sb {

/// Is told what is made from where; for tools that explain a patch.
class VcdiffListener {
public:
    /// `bytes` at `target_at` of the window were made; `address` (of a copy) counts source and target as one.
    virtual void made(const VcdiffInstruction& by, std::uint32_t target_at, std::uint32_t address,
                      std::uint32_t bytes) = 0;

protected:
    ~VcdiffListener() = default;
};

class VcdiffInterpreter {
public:
    /// Requires: `cache` as for VcdiffCache.
    explicit VcdiffInterpreter(MutableBytes cache) : cache_(cache) {}

    /// Begins a window: copies come from its stretch of `source` and from what is made in `target`, which is as large
    /// as the window says. Requires: all three outlive the window.
    void begin(const VcdiffWindow& window, Reader& source, std::uint8_t* target);
    void listen(VcdiffListener* listener) { listener_ = listener; }

    /// The section whose byte comes next.
    [[nodiscard]] VcdiffSection wants() const;
    /// Stands between two instructions: here, and only here, a window may end.
    [[nodiscard]] bool between() const { return step_ == Step::code; }
    [[nodiscard]] bool full() const { return made_ == window_->target_bytes; }
    /// How many of the target's bytes are made.
    [[nodiscard]] std::uint32_t made() const { return made_; }

    /// Takes at least one byte of the wanted section off the front of `from`, which is not empty.
    /// Errors: bad_patch (an address or a size beyond its bounds), too_large, those of the source's reader.
    [[nodiscard]] Result<void> take(Bytes& from);

private:
    enum class Step : std::uint8_t { code, size, address, data };

    [[nodiscard]] Result<void> go_on();
    [[nodiscard]] Result<void> take_data(Bytes& from);
    [[nodiscard]] Result<void> copy_from(std::uint32_t value);
    void tell(std::uint32_t address, std::uint32_t bytes);

    VcdiffCache cache_;
    VcdiffListener* listener_ = nullptr;
    // the rest is set by begin()
    Reader* source_;
    const VcdiffWindow* window_;
    std::uint8_t* target_;
    std::uint32_t made_;
    std::uint32_t size_;  // what is left of the instruction
    Base128 number_;
    VcdiffInstruction now_;
    VcdiffPair to_come_;
    Step step_;
};

using VcdiffSections = std::array<Bytes, vcdiff_sections>;

/// Carries out a window whose sections are whole, and uses them up.
/// Errors: malformed when a section is too short or too long, or the target is not filled; those of take().
[[nodiscard]] Result<void> run_vcdiff_sections(VcdiffInterpreter& interpreter, VcdiffSections& sections);

}  // namespace sb
